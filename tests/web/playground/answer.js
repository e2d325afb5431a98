// Answers a Python test: a question as JSON on each line of standard input, its answer on a line of standard output.
import { createInterface } from "node:readline";
import { accuracy, Forward, margins, meanLoss, probability } from "../../../dashboard/web/playground/forward.js";
import { policyFile } from "../../../dashboard/web/playground/policy_file.js";
import { readSide, sideScene, writeSide } from "../../../dashboard/web/playground/side.js";
import { readChunks } from "../../../dashboard/web/tape/chunk.js";
import { fromAddress, toAddress } from "../../../dashboard/web/tape/scene.js";
import { Tape } from "../../../dashboard/web/tape/tape.js";

/** @param {string} text @returns {ArrayBuffer} */
function bytes(text) {
  return Uint8Array.from(Buffer.from(text, "base64")).buffer;
}

/** @param {ArrayBufferView} array */
function base64(array) {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");
}

/** @type {Record<string, (question: any) => any>} */
const ANSWERS = {
  replay({ header, chunks, at }) {
    const tape = new Tape(header);
    for (const chunk of chunks) tape.add(readChunks(bytes(chunk)));
    return {
      end: tape.end,
      moments: at.map((/** @type {number} */ iteration) => {
        const moment = tape.seek(iteration);
        return {
          iteration: moment.iteration,
          weights: base64(moment.weights),
          states: base64(moment.states),
          rewardState: moment.rewardState,
          table: base64(moment.table),
          visits: base64(moment.visits),
          loss: moment.loss,
          deed: tape.deed(iteration),
        };
      }),
      evaluations: tape.evaluations(tape.end).map(({ iteration, values }) => [iteration, ...values]),
    };
  },

  forward({ sizes, activation, weights, points, labels, loss, exponent }) {
    const inputs = [0, 1].map((axis) => Float32Array.from(points, (/** @type {number[]} */ point) => point[axis]));
    const network = new Forward(sizes, activation, inputs);
    const logits = network.run(new Float32Array(bytes(weights)));
    const margin = margins(logits, new Float32Array(labels.length));
    return {
      logits: logits.map((output) => Array.from(output)),
      loss: meanLoss(loss, exponent, logits, labels),
      accuracy: accuracy(logits, labels),
      probabilities: Array.from(margin, (value) => probability(loss, value)),
    };
  },

  policy({ table, history, acting }) {
    return { file: policyFile(Float64Array.from(table), history, acting, "by hand") };
  },

  address({ scene, form }) {
    const address = toAddress(scene, form);
    return { address, ...fromAddress(address, form) };
  },

  side({ scene, own, form }) {
    const side = writeSide(own, form);
    const { own: read, notes } = readSide(side, form);
    const address = [toAddress(scene, form), side ? `vs=${side}` : ""].filter(Boolean).join("&");
    return { address, notes, scene: sideScene(scene, read) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  try {
    process.stdout.write(`${JSON.stringify(ANSWERS[question.ask](question))}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`);
  }
}
