// Gives the page that shows a new personal code a button that copies it. That page is plain HTML: nothing else runs there.

import { copyButton } from "../core/account_parts.js";
import { findId } from "../core/dom.js";

const code = findId("personal-code");
if (code) code.after(copyButton("Copy code", code.textContent ?? "", code));
