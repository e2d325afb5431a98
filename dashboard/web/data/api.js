// Addresses of data sets in the API.

export const DATASETS = "/api/v1/datasets";

/** @param {string} dataset its id */
export const datasetPath = (dataset) => `${DATASETS}/${encodeURIComponent(dataset)}`;

/**
 * A form of fields, as the API takes them; of a list each value in turn.
 *
 * @param {Record<string, string | string[] | File[]>} fields
 */
export function formOf(fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) form.append(name, one);
  }
  return form;
}
