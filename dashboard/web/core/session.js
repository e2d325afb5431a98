// Wraps fetch, Dash's own requests included: addresses are those of this server, and where a session has ended while a
// page is open, the page is loaded again, which leads to the page to sign in with.
import { url } from "./address.js";

export function watchSession() {
  const ask = window.fetch.bind(window);
  window.fetch = async (resource, options) => {
    const response = await ask(typeof resource === "string" ? url(resource) : resource, options);
    if (response.status !== 401) return response;
    location.reload();
    return new Promise(() => {}); // never resolved: the page is leaving
  };
}
