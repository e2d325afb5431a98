// Policy file of the table in force at a moment: the JSON that the server imports (synrl_core/policies/files.py).

/** @typedef {import("../tape/tape.js").Acting} Acting */

const CODES = 3;

/** @param {Float64Array} table flat @param {number} history @param {Acting} acting the policy that it began as
 * @param {string} name @returns {string} */
export function policyFile(table, history, acting, name) {
  const file = {
    format: "synrl-policy",
    version: acting.temperature > 0 ? 2 : 1, // readers of version 1 know no temperature
    name,
    title: `${acting.title || acting.name}, from the playground`,
    description: "The table as it stood in the playground.",
    history,
    exploration: acting.exploration,
    lineage: { made: "in the playground", from: acting.name },
    ...(acting.temperature > 0 ? { temperature: acting.temperature } : {}),
    q: nested(table, 2 * history + 1),
  };
  return JSON.stringify(file, null, 1);
}

/** Nest flat values, three a level. @param {Float64Array} values @param {number} levels @returns {any[]} */
function nested(values, levels) {
  if (levels === 1) return Array.from(values);
  const size = values.length / CODES;
  return Array.from({ length: CODES }, (_, code) =>
    nested(values.subarray(code * size, (code + 1) * size), levels - 1),
  );
}
