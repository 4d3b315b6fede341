// A React site that renders the whole document, as Remix does, and moves between its pages without a load.
import { createElement as h, useEffect, useState } from "react";
import { hydrateRoot } from "react-dom/client";

const script = (source, inner) => h("script", source ? { src: source, async: true } : { dangerouslySetInnerHTML: { __html: inner } });

function Site({ first }) {
  const [page, turn] = useState(first);
  useEffect(() => {
    window.travel = async (address) => {
      const next = await (await fetch(address)).json();
      // What such a site has to do at a login or a logout: say what holds now.
      window.playerMessengerSettings = { ...window.playerMessengerSettings, ...next.stated };
      turn({ ...first, ...next });
    };
  }, []);
  const body = h("body", null, h("main", null, h("h1", null, "Casino"), h("p", { id: "who" }, page.who), h("p", { id: "visit" }, page.visit)));
  const head = h("head", null, h("meta", { charSet: "utf-8" }), h("title", null, "Casino"), script(null, first.inline), script(first.sdk), script(first.bundle));
  return h("html", { lang: "en" }, head, body);
}

window.faults = [];
const state = { ...JSON.parse(window.firstPage), inline: document.scripts[0].textContent };
hydrateRoot(document, h(Site, { first: state }), { onRecoverableError: (error) => window.faults.push(String(error)) });
