// Follows a grading: asks how far it is, and shows the report in place as soon as it is there.
"use strict";

const report = document.getElementById("report");
const QUICK = 700;
const SLOW = 4000;

async function look(wait) {
  try {
    const answer = await fetch(report.dataset.watch, { headers: { Accept: "application/json" } });
    if (answer.status === 401 || answer.redirected) {
      location.reload();
      return;
    }
    if (answer.ok) {
      const progress = await answer.json();
      if (progress.state === "done") {
        await show();
        return;
      }
      tell(progress);
      wait = QUICK;
    }
  } catch {
    wait = SLOW; // the network is away: keep asking, slowly
  }
  setTimeout(look, wait, Math.min(wait * 1.2, SLOW));
}

async function show() {
  const answer = await fetch(report.dataset.inside);
  if (answer.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    report.replaceChildren(...page.body.childNodes);
    report.dataset.state = "done";
  } else {
    location.reload();
  }
}

function tell(progress) {
  const steps = [...report.querySelectorAll("[data-stage]")];
  for (const step of steps) {
    if (step.dataset.stage === progress.stage) {
      step.setAttribute("aria-current", "step");
      report.querySelector("#doing").textContent = step.textContent;
    } else {
      step.removeAttribute("aria-current");
    }
  }
  report.querySelector("#place").textContent = progress.place;
}

if (report && report.dataset.state !== "done") {
  setTimeout(look, QUICK, QUICK);
}
