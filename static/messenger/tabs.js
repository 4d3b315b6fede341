/** The same messenger in the browser's other tabs: one of them works at a time, all of them hear of it. */

const LOCK_PATIENCE = 8_000;
/** A leader tells of each sign of life of its stream: heartbeats come every 12 s, attempts every 30 s at least. */
const LEADER_SILENCE = 45_000;
const LEADER_CHECK = 5_000;

export class Tabs {
  /** @param {string} scope @param {(note: {type: string, value?: any}) => void} hear */
  constructor(scope, hear) {
    this.name = `player-messenger:${scope}`;
    /** When the leader was heard last. */
    this.heard = 0;
    /** @type {BroadcastChannel | null} */
    this.channel = null;
    try {
      this.channel = new BroadcastChannel(this.name);
      this.channel.onmessage = ({ data }) => {
        if (data.type === "event") this.heard = Date.now();
        hear(data);
      };
    } catch {
      // storage denied: this tab is alone
    }
  }

  /** Whether the tabs of this browser can agree on one of them. */
  get together() {
    return this.channel !== null && "locks" in navigator;
  }

  /** @param {string} type @param {unknown} [value] */
  tell(type, value) {
    this.channel?.postMessage({ type, value });
  }

  /**
   * Runs `work` while no other tab runs its own. A tab that hangs is waited for, but not for ever.
   * @template T @param {() => Promise<T>} work @returns {Promise<T>}
   */
  async alone(work) {
    let started = false;
    const begin = () => {
      started = true;
      return work();
    };
    try {
      return await navigator.locks.request(this.name, { signal: AbortSignal.timeout(LOCK_PATIENCE) }, begin);
    } catch (error) {
      if (started) throw error;
      return work();
    }
  }

  /**
   * Runs `work` in one tab of the browser; the others wait for their turn until `signal` ends their wish. The browser hands
   * over when a tab closes or crashes; one that is frozen gives way, and from one that hangs a visible tab takes over.
   * @param {AbortSignal} signal @param {(signal: AbortSignal) => Promise<void>} work
   */
  async lead(signal, work) {
    if (!this.together) return work(signal);
    for (let steal = false; !signal.aborted; ) steal = await this.term(signal, steal, work);
  }

  /** @param {AbortSignal} signal @param {boolean} steal @param {(signal: AbortSignal) => Promise<void>} work @returns {Promise<boolean>} whether the leader hangs */
  async term(signal, steal, work) {
    const over = new AbortController();
    const end = () => over.abort();
    let leading = false;
    let hangs = false;
    const begin = () => {
      leading = true;
      return work(over.signal);
    };
    this.heard = Date.now();
    const watch = setInterval(() => {
      hangs = !leading && document.visibilityState === "visible" && Date.now() - this.heard > LEADER_SILENCE;
      if (hangs) end();
    }, LEADER_CHECK);
    signal.addEventListener("abort", end, { signal: over.signal });
    document.addEventListener("freeze", end, { signal: over.signal });
    try {
      await navigator.locks.request(`${this.name}:stream`, steal ? { steal } : { signal: over.signal }, begin);
    } catch {
      // the browser has no locks here: each tab for itself
      if (!leading && !over.signal.aborted) await begin();
    }
    end();
    clearInterval(watch);
    return hangs;
  }
}
