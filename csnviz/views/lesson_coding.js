// The coding sheet: a face, one unit asked, answered with the keys 0 to 5; arrow keys go back and on. What is answered is told to
// Python at once, which keeps it. The neutral face comes in the second pass only, and the truth when both are over.

function render({ model, el }) {
  const faces = model.get("faces"), letters = model.get("letters"), words = model.get("words");
  const questions = faces.flatMap(({ number, questions: asked }) =>
    asked.map((each, place) => ({ ...each, face: number, place: place + 1, of: asked.length })));
  const titles = { blind: "First pass: the face alone", beside: "Second pass: beside its neutral face", finished: "What was true" };
  const root = document.createElement("div");
  root.className = "csn-coding";
  root.tabIndex = 0;
  root.dataset.lmSuppressShortcuts = "true";
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "coding sheet: keys 0 to 5 answer, arrow keys go back and on");
  root.innerHTML = `<div class="csn-two-faces"><figure data-which="neutral"><img data-face="neutral" alt="the same person, neutral">
      <figcaption>neutral</figcaption></figure>
      <figure><img data-face="acting"><figcaption></figcaption></figure></div>
    <div class="csn-question"><p class="csn-pass"></p><h2 aria-live="polite"></h2><p class="csn-looks"></p>
      <div class="csn-answers" role="radiogroup"></div><p class="csn-told" aria-live="polite"></p>
      <p class="csn-last" aria-live="polite"></p>
      <div class="csn-steps"><button type="button" data-step="-1">← Back</button>
        <progress max="${questions.length}" aria-label="questions answered in this pass"></progress>
        <button type="button" data-step="1">On →</button></div></div>
    <div class="csn-end" hidden><h2></h2><p></p><div><button type="button" data-first>To the first without an answer</button>
      <button type="button" class="csn-go-on"></button></div></div>
    <p class="csn-trouble" role="alert" hidden></p>`;
  el.append(root);
  const part = (selector) => root.querySelector(selector);
  const buttons = [0, 1, 2, 3, 4, 5].map((value) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.answer = value;
    button.tabIndex = -1;
    button.setAttribute("role", "radio");
    button.innerHTML = `<b>${value}</b><span>${value ? letters[value] : ""} ${words[value]}</span>`;
    button.addEventListener("click", () => { answer(value); root.focus(); });
    return button;
  });
  part(".csn-answers").append(...buttons);
  const pictures = new Map();
  let at = model.get("at"), place = start(), last = "";

  const given = (pass = at) => model.get("given")[pass] ?? {};
  function start() {
    const answered = model.get("given")[model.get("at")];
    if (!answered) return 0;
    const first = questions.findIndex(({ key }) => !(key in answered));
    return first < 0 ? questions.length : first;
  }

  function answer(value) {
    if (at === "finished" || place >= questions.length) return;
    const { key, face, au } = questions[place];
    model.send({ type: "answer", at, key, answer: value });
    last = `Face ${face}, AU${au}: ${value}${value ? ` (${letters[value]})` : ""}. ← goes back to change it.`;
    go(1);
  }

  function go(by) {
    place = Math.min(at === "finished" ? questions.length - 1 : questions.length, Math.max(0, place + by));
    show();
  }

  function ask(face) {
    const key = `${at} ${face}`;
    if (face > faces.length || pictures.has(key)) return;
    pictures.set(key, []);
    model.send({ type: "picture", face });
  }

  function show() {
    const over = place >= questions.length, finished = at === "finished";
    root.dataset.at = at;
    root.dataset.place = place;
    for (const one of [".csn-two-faces", ".csn-question"]) part(one).hidden = over;
    part(".csn-end").hidden = !over;
    if (over) return end();
    const { face, place: which, of, key, au, name, looks } = questions[place];
    part(".csn-pass").textContent = `${titles[at]} · face ${face} of ${faces.length}, question ${which} of ${of}`;
    part("h2").textContent = finished ? `AU${au} ${name}` : `How strong is AU${au} ${name}?`;
    part(".csn-looks").textContent = `${looks[0].toUpperCase()}${looks.slice(1)}.`;
    part(".csn-answers").setAttribute("aria-label", `AU${au} ${name} of face ${face}`);
    const mine = given(finished ? "beside" : at)[key];
    buttons.forEach((button, value) => {
      button.setAttribute("aria-checked", String(value === mine));
      button.disabled = finished;
    });
    part(".csn-told").textContent = model.get("told")[key] ?? (finished ? "The networks are still reading the faces." : "");
    part(".csn-told").hidden = part(".csn-answers").hidden = false;
    part(".csn-answers").hidden = finished;
    part(".csn-last").textContent = finished ? "" : last || "Keys 0 to 5 answer; ← and → go back and on.";
    part("progress").value = finished ? place + 1 : Object.keys(given()).length;
    part('[data-which="neutral"]').hidden = at === "blind";
    part(".csn-two-faces").dataset.alone = String(at === "blind");
    ask(face);
    ask(face + 1);
    paint();
  }

  function paint() {
    if (place >= questions.length) return;
    const { face } = questions[place], [acting, neutral] = pictures.get(`${at} ${face}`) ?? [];
    const image = part('[data-face="acting"]'), rest = part('[data-face="neutral"]');
    image.alt = `face ${face}`;
    image.nextElementSibling.textContent = `face ${face}`;
    for (const [one, address] of [[image, acting], [rest, neutral]]) {
      one.classList.toggle("csn-waiting", !address);
      if (address) one.src = address;
    }
    image.dataset.drawn = acting ? `${at} ${face}` : "";
  }

  function end() {
    const left = questions.length - questions.filter(({ key }) => key in given()).length;
    const blind = at === "blind";
    part(".csn-end h2").textContent = blind ? "The first pass is done" : "Both passes are done";
    part(".csn-end p").textContent = (left ? `${left} of ${questions.length} questions have no answer and will not be judged. ` : "")
      + (blind ? "Now code the same faces again, each beside its neutral. Your first answers cannot be changed after that."
        : "Now see what was true. Your answers cannot be changed after that.");
    part("[data-first]").hidden = !left;
    part(".csn-go-on").textContent = blind ? "Second pass" : "See the scores";
  }

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowRight: 1, ArrowLeft: -1, Backspace: -1 }[event.key];
    if (/^[0-5]$/.test(event.key)) answer(Number(event.key));
    else if (step) go(step);
    else if (event.key === "Enter" && event.target === root && !part(".csn-end").hidden) part(".csn-go-on").click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  for (const button of root.querySelectorAll("[data-step]"))
    button.addEventListener("click", () => { go(Number(button.dataset.step)); });
  part("[data-first]").addEventListener("click", () => {
    place = Math.max(0, questions.findIndex(({ key }) => !(key in given())));
    show();
    root.focus();
  });
  part(".csn-go-on").addEventListener("click", () => model.send({ type: "go on", at }));

  const turned = () => {
    const held = root.contains(document.activeElement);
    at = model.get("at");
    place = start();
    last = "";
    show();
    if (held) root.focus();
  };
  const drawn = (message, buffers) => {
    if (message.type !== "picture") return;
    pictures.set(`${message.at} ${message.face}`, buffers.map((one) => URL.createObjectURL(new Blob([one], { type: "image/jpeg" }))));
    paint();
  };
  const complain = () => { part(".csn-trouble").textContent = model.get("trouble"); part(".csn-trouble").hidden = !model.get("trouble"); };
  const heard = { "msg:custom": drawn, "change:at": turned, "change:given": show, "change:told": show, "change:trouble": complain };
  for (const [name, act] of Object.entries(heard)) model.on(name, act);
  show();
  complain();
  return () => {
    for (const [name, act] of Object.entries(heard)) model.off(name, act);
    for (const address of [...pictures.values()].flat()) URL.revokeObjectURL(address);
  };
}

export default { render };
