// Buttons that use a passkey: data-passkey="create" (add one), "get" (prove with one) or "login" (sign in with one).
// The browser's answer goes into the hidden field named by data-credential, and the form is sent.
import { announce } from "./app.js";

const library = () => window.webauthnJSON;

/** What the browser is asked for: from the page, or, at the sign-in, fetched when the button is pressed. */
async function optionsFor(button) {
  if (button.dataset.passkey === "login") {
    const answer = await fetch(button.form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return (await answer.json()).request_options;
  }
  const data = JSON.parse(document.getElementById(button.dataset.options).textContent);
  return data.creation_options || data.request_options;
}

/** A passkey that signs in by itself asks for a resident key and for the person. */
function asPasskey(options) {
  const wanted = options.publicKey.authenticatorSelection || {};
  wanted.residentKey = "required";
  wanted.requireResidentKey = true;
  wanted.userVerification = "required";
  options.publicKey.authenticatorSelection = wanted;
  return options;
}

async function use(button) {
  const options = await optionsFor(button);
  const credential =
    button.dataset.passkey === "create"
      ? await library().create(asPasskey(options))
      : await library().get(options);
  document.getElementById(button.dataset.credential).value = JSON.stringify(credential);
  HTMLFormElement.prototype.submit.call(button.form);
}

document.querySelectorAll("button[data-passkey]").forEach((button) => {
  if (!library()?.supported() || !window.isSecureContext) {
    document.querySelectorAll("[data-passkey-missing]").forEach((hint) => { hint.hidden = false; });
    return;
  }
  button.hidden = false;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    if (!button.form.reportValidity()) return;
    use(button).catch(() => announce(button.dataset.textFailed));
  });
});
