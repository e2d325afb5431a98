// How numbers read while they change. dashboard/words.py says the same for what is written once.
export const known = (value) => value !== null && value !== undefined && !Number.isNaN(value);
const counts = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
export const count = (value) => (known(value) ? counts.format(value) : "–");
export const percent = (share) => (known(share) ? `${(100 * share).toFixed(1)} %` : "–");
export const number = (value) => (known(value) ? value.toFixed(3) : "–");

export function duration(seconds) {
  if (!known(seconds)) return "–";
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 90) return `${whole} s`;
  if (whole < 5400) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.round(minutes / 1440)} days`;
}

export function speed(perSecond) {
  if (!known(perSecond)) return "";
  return perSecond < 10 ? `${perSecond.toFixed(1)} it/s` : `${count(Number(perSecond.toPrecision(3)))} it/s`;
}

// The API's times are UTC; one without a zone means UTC too.
export const time = (text) => (text ? Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`) : NaN);

export function ago(text) {
  const seconds = (Date.now() - time(text)) / 1000;
  if (!known(seconds)) return "–";
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return new Date(time(text)).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

export const STATUS = {
  queued: "queued",
  running: "running",
  paused: "paused",
  succeeded: "finished",
  stopped: "stopped",
  failed: "failed",
};
export const isFinal = (status) => status === "succeeded" || status === "stopped" || status === "failed";
