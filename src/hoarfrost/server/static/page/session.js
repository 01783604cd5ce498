// Who speaks: the key, in memory only, or the secret of the start link.

import { connect, fetchTicket } from "/client/hoarfrost.js";
import { $, explain } from "./dom.js";

let key = "";

/** Open a conversation with these options; ask for the key where the server wants another. */
export async function open(options) {
  try {
    return await connect({ ...options, key });
  } catch (fault) {
    if (fault.status === 401) ask(explain(fault));
    throw fault;
  }
}

function ask(fault = "") {
  $("sign-in").hidden = false;
  $("sign-in-fault").textContent = fault;
}

async function signIn(secret) {
  await fetchTicket({ key: secret });
  key = secret;
  $("key").value = "";
  $("sign-in").hidden = true;
  $("status").textContent = "signed in";
}

/** Sign in with the address of the page, or offer the form. */
export function begin() {
  $("sign-in").querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await signIn($("key").value.trim());
      $("speak").focus();
    } catch (fault) {
      ask(explain(fault));
    }
  });
  addEventListener("hashchange", () => location.reload()); // a link pasted over this page
  const link = new URLSearchParams(location.hash.slice(1)).get("link") ?? history.state?.link;
  if (link) {
    // Off the address bar, where it would be copied along; a reload finds it in the tab's own state.
    history.replaceState({ link }, "", location.pathname);
    signIn(link).catch(() => ask("This link was of an earlier start; open the one that the server printed last."));
  } else if (document.documentElement.dataset.key) {
    ask();
  } else {
    $("status").textContent = "ready; no key is needed";
  }
}
