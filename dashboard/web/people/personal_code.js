// Gives the page that shows a new personal code a button that copies it. That page is plain HTML: nothing else runs there.
import { findId } from "../core/dom.js";
import { copyButton } from "./parts.js";

const code = findId("personal-code");
if (code) code.after(copyButton("Copy code", code.textContent ?? "", code));
