// The demo shop's own script: words to copy, and the e-mails that the shop would have sent.

const POLL_MS = 2_000;
const copied = document.getElementById("copied");
const mails = document.getElementById("mails");
const mailState = document.getElementById("mail-state");
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
let shown = "";

document.addEventListener("click", async (event) => {
  const words = event.target.closest?.("[data-copy]")?.dataset.copy;
  if (!words) return;
  try {
    await navigator.clipboard.writeText(words);
    copied.textContent = `Copied: ${words}`;
  } catch {
    copied.textContent = `Your browser does not let this page copy. Type: ${words}`;
  }
});

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

function show(list) {
  const key = JSON.stringify(list);
  if (key === shown) return;
  shown = key;
  mailState.textContent = list.length ? "Newest first. They stay inside this demo." : "None yet. A password reset sends one.";
  const newest = [...list].sort((a, b) => b.at - a.at);
  mails.replaceChildren(
    ...newest.map((mail) => {
      const item = document.createElement("li");
      item.dataset.test = "mail";
      const time = element("time", "", clock.format(new Date(mail.at * 1_000)));
      time.dateTime = new Date(mail.at * 1_000).toISOString();
      const to = element("p", "to", `to ${mail.to} · `);
      to.append(time);
      item.append(element("p", "subject", mail.subject), to, element("p", "body", mail.body));
      return item;
    }),
  );
}

async function look() {
  if (document.visibilityState !== "visible") return;
  try {
    const answer = await fetch("/demo/outbox.json", { cache: "no-store", signal: AbortSignal.timeout(5_000) });
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.json());
  } catch {
    shown = "";
    mailState.textContent = "The shop's outbox cannot be reached right now. Trying again.";
  }
}

async function poll() {
  await look();
  setTimeout(poll, POLL_MS);
}

document.addEventListener("visibilitychange", look);
poll();
