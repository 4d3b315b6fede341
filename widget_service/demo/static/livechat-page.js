// What LiveChat gives its customers to paste: a stub that keeps calls until its script has loaded. Only `__lc.url` is the demo's own.
"use strict";

window.__lc = { ...document.currentScript.dataset, asyncInit: document.currentScript.dataset.wait === "yes" };
window.LiveChatWidget = (function () {
  const policy = window.trustedTypes?.createPolicy("livechat", { createScriptURL: (url) => url });
  function pass(...call) {
    return widget._h ? widget._h(...call) : void widget._q.push(call);
  }
  const widget = {
    _q: [],
    _h: null,
    _v: "2.0",
    on: (...words) => pass("on", words),
    once: (...words) => pass("once", words),
    off: (...words) => pass("off", words),
    call: (...words) => pass("call", words),
    get(...words) {
      if (!widget._h) throw new Error("[LiveChatWidget] You can't use getters before load.");
      return pass("get", words);
    },
    init() {
      const url = policy ? policy.createScriptURL(window.__lc.url) : window.__lc.url;
      document.head.append(Object.assign(document.createElement("script"), { async: true, src: url }));
    },
  };
  if (!window.__lc.asyncInit) addEventListener("DOMContentLoaded", widget.init);
  return widget;
})();
