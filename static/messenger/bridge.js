/**
 * The line to the operator's page: one MessagePort, handed over by the one parent whose origin the service allowed. What is said before
 * that waits for it.
 */

/** @typedef {Record<string, (value: any) => unknown>} Handlers */

export class Bridge {
  /** @param {string} parentOrigin @param {Handlers} handlers */
  constructor(parentOrigin, handlers) {
    this.handlers = handlers;
    this.asked = 0;
    /** @type {Map<number, {resolve: (value: any) => void, reject: (reason: Error) => void}>} */
    this.waiting = new Map();
    this.port = greet(parentOrigin, ({ data }) => void this.receive(data));
  }

  /** @param {object} message */
  post(message) {
    void this.port.then((port) => port.postMessage(message));
  }

  /** @param {string} type @param {unknown} [value] */
  tell(type, value) {
    this.post({ type, value });
  }

  /** @param {string} name @param {unknown} [detail] */
  event(name, detail = {}) {
    this.tell("event", { name, detail });
  }

  /** @param {string} type @param {unknown} value @param {number} patience milliseconds @returns {Promise<any>} */
  ask(type, value, patience) {
    const id = ++this.asked;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      setTimeout(() => this.settle({ re: id, error: "the page did not answer" }), patience);
      this.post({ id, type, value });
    });
  }

  /** @param {{re: number, value?: unknown, error?: string}} answer */
  settle(answer) {
    const one = this.waiting.get(answer.re);
    this.waiting.delete(answer.re);
    if (answer.error === undefined) one?.resolve(answer.value);
    else one?.reject(new Error(String(answer.error)));
  }

  /** @param {any} message */
  async receive(message) {
    if (message?.re) return this.settle(message);
    if (!Object.hasOwn(this.handlers, message?.type)) return;
    try {
      const value = await this.handlers[message.type]?.(message.value);
      if (message.id) this.post({ re: message.id, value });
    } catch (error) {
      if (message.id) this.post({ re: message.id, error: error instanceof Error ? error.message : "failed" });
    }
  }
}

/**
 * Greets the parent and waits for its port. Only the first port counts, only from the parent, only from the allowed origin.
 * @param {string} parentOrigin @param {(event: MessageEvent) => void} hear @returns {Promise<MessagePort>}
 */
function greet(parentOrigin, hear) {
  return new Promise((resolve) => {
    /** @param {MessageEvent} event */
    function take(event) {
      const [port] = event.ports;
      if (event.source !== window.parent || event.origin !== parentOrigin || event.data?.type !== "messenger:port" || !port) return;
      window.removeEventListener("message", take);
      port.onmessage = hear;
      resolve(port);
    }
    window.addEventListener("message", take);
    window.parent.postMessage({ type: "messenger:hello" }, parentOrigin);
  });
}
