
"use strict";
const form = document.getElementById("claim");
const message = document.getElementById("message");
const button = form.querySelector("button");
const secret = location.hash.slice(1);
// Out of the address bar, the history and any screenshot.
history.replaceState(null, "", location.pathname);

function finish(text) {
  form.remove();
  message.textContent = text;
}

if (!secret) {
  finish("The secret is missing. Open the whole link as it was printed.");
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  message.textContent = "";
  const { email, name, password } = Object.fromEntries(new FormData(form));
  try {
    const answer = await fetch(location.pathname, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ secret, email, name, password }),
    });
    const body = await answer.json();
    if (answer.ok) {
      finish(`${body.email} is now an administrator and can log in.`);
      return;
    }
    message.textContent = body.detail || body.title;
  } catch {
    message.textContent = "The server does not answer. Try again.";
  }
  button.disabled = false;
});
