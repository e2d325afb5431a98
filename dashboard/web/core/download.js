// Downloads: files that a page made itself, for the browser to save.

const URL_LIFE = 1000; // ms that a file is kept for the browser to save it

/**
 * @param {string} name
 * @param {string} url
 */
export function download(name, url) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  if (url.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(url), URL_LIFE);
}

/**
 * @param {string} name
 * @param {string} type
 * @param {string[]} parts
 */
export function downloadText(name, type, ...parts) {
  download(name, URL.createObjectURL(new Blob(parts, { type })));
}
