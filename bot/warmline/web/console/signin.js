// The sign-in page of the desk.

import { html, useEffect, useRef, useState } from "./html.js";
import { Icon } from "./icons.js";

export function SignIn({ desk }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const field = useRef(null);
  const secret = useRef(null);
  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    if (desk.signInError && name) secret.current?.select();
  }, [desk.signInError]);
  const submit = (event) => {
    event.preventDefault();
    if (!name.trim()) field.current.focus();
    else if (!password) secret.current.focus();
    else desk.signIn(name.trim(), password);
  };
  const slow = desk.signingIn && desk.phase === "retrying";
  return html`<main class="signin">
    <form onSubmit=${submit} data-test="sign-in">
      <h1><${Icon} name="mark" size=${28} /> Warmline desk</h1>
      <p class="quiet">For the people who take over when the assistant should not go on alone.</p>
      <label>Name<input ref=${field} value=${name} onInput=${(e) => setName(e.target.value)} autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="80" data-test="sign-in-name" /></label>
      <label>Password<input ref=${secret} type="password" value=${password} onInput=${(e) => setPassword(e.target.value)} autocomplete="current-password" maxlength="256" data-test="sign-in-password" /></label>
      ${desk.signInError && html`<p class="problem" role="alert" data-test="sign-in-error">${desk.signInError}</p>`}
      ${slow && html`<p class="quiet" role="status">The desk does not answer. Trying again…</p>`}
      <button class="solid" type="submit" disabled=${desk.signingIn} data-test="sign-in-submit">${desk.signingIn ? "Signing in…" : "Sign in"}</button>
    </form>
  </main>`;
}
