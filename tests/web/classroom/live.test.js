import assert from "node:assert/strict";
import { mock, test } from "node:test";

/** Stands for a socket of the browser: the test closes it, or has it bring a message. */
class Socket {
  /** @type {Socket[]} */
  static opened = [];
  /** @type {(event: { code: number }) => void} */
  onclose = () => {};
  /** @type {(event: { data: string }) => void} */
  onmessage = () => {};

  constructor() {
    Socket.opened.push(this);
  }

  close() {}
}

/** What the server answers to a request; null: it can't be reached. @type {object | null} */
let answered = null;

Object.assign(globalThis, {
  WebSocket: Socket,
  window: new EventTarget(),
  document: Object.assign(new EventTarget(), { body: { dataset: {} } }),
  location: new URL("http://127.0.0.1/join/K7TM9X"),
  fetch: async () => {
    if (!answered) throw new TypeError("Failed to fetch");
    return Response.json(answered);
  },
});
const { Live } = await import("../../../dashboard/web/classroom/live.js");

/** Let time pass, and what waits for it be done. @param {number} milliseconds */
async function pass(milliseconds) {
  mock.timers.tick(milliseconds);
  await new Promise((resolve) => setImmediate(resolve));
}

/** Close the open socket, three times in a row, as a server does that is away or a proxy that lets none pass. */
async function fail() {
  for (let times = 0; times < 3; times++) {
    Socket.opened.at(-1)?.onclose({ code: 1006 });
    await pass(3000);
  }
}

/** @returns {{ live: InstanceType<typeof Live>, said: unknown[] }} */
function follow() {
  Socket.opened = [];
  /** @type {unknown[]} */
  const said = [];
  const listener = { message: (/** @type {unknown} */ one) => said.push(one), state: () => {} };
  return { live: new Live({ socket: "/api/v1/seat/live", poll: "/api/v1/seat" }, listener), said };
}

test("a page that asked while the server was away listens again once it is back", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  answered = null;
  const { live, said } = follow();
  await fail();
  const before = Socket.opened.length;
  await pass(2000);
  assert.equal(Socket.opened.length, before, "the server is still away");
  answered = { version: 2 };
  await pass(2000);
  assert.deepEqual(said, [{ version: 2 }]);
  assert.equal(Socket.opened.length, before + 1);
  Socket.opened.at(-1)?.onmessage({ data: '{"version": 3}' });
  await pass(2000);
  assert.deepEqual(said, [{ version: 2 }, { version: 3 }], "nothing is asked for beside an open socket");
  live.close();
  mock.timers.reset();
});

test("a page keeps asking where the server answers and no socket passes", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  answered = { version: 2 };
  const { live, said } = follow();
  await fail();
  const { length } = Socket.opened;
  const before = said.length;
  await pass(2000);
  await pass(2000);
  assert.equal(said.length, before + 2);
  assert.equal(Socket.opened.length, length);
  live.close();
  mock.timers.reset();
});

test("a page that asks opens no socket of which it does not know", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  answered = null;
  const { live } = follow();
  for (let times = 0; times < 3; times++) {
    await pass(times ? 1000 : 0);
    Socket.opened.at(-1)?.onclose({ code: 1006 });
  }
  const { length } = Socket.opened;
  for (let seconds = 0; seconds < 6; seconds++) await pass(1000);
  assert.equal(Socket.opened.length, length, "its messages would come, and its end would not be noticed");
  live.close();
  mock.timers.reset();
});
