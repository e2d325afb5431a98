// Uploads with their progress.
import { url } from "./address.js";
import { Refusal } from "./api.js";
import { button, make } from "./dom.js";

/**
 * @template Answer
 * @typedef {object} Upload
 * @property {HTMLElement[]} parts progress in words, its bar, and a button that cancels
 * @property {Promise<Answer | null>} answer null if it was cancelled; rejects with an Error whose message can be shown
 */

/**
 * Send a form with files. By XMLHttpRequest, since fetch can't tell how far an upload is.
 *
 * @template Answer
 * @param {string} path
 * @param {FormData} form
 * @param {{ sent: string, broken: string }} words what to say when all is sent, and when the connection broke
 * @returns {Upload<Answer>}
 */
export function upload(path, form, { sent, broken }) {
  const words = make("p", "now", "Sending …", { role: "status" });
  const bar = make("progress", "", undefined, { max: "1", value: "0", "aria-label": "Sent" });
  const request = new XMLHttpRequest();
  const cancel = button("button-plain", "Cancel", () => request.abort());
  request.open("POST", url(path));
  request.upload.onprogress = ({ lengthComputable, loaded, total }) => {
    if (!lengthComputable) return;
    bar.value = loaded / total;
    words.textContent = loaded < total ? `Sending … ${Math.round((100 * loaded) / total)} %` : sent;
    if (loaded === total) bar.removeAttribute("value");
  };
  const answer = new Promise((/** @type {(answer: Answer | null) => void} */ resolve, reject) => {
    request.onload = () => {
      const received = parsed(request.responseText);
      if (request.status < 300 && received) resolve(received);
      else reject(new Refusal(request.status, received));
    };
    request.onerror = () => reject(new Error(broken));
    request.onabort = () => resolve(null);
  });
  request.send(form);
  return { parts: [words, bar, cancel], answer };
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
