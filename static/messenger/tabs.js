/** The same messenger in the browser's other tabs: one of them works at a time, all of them hear of it. */

const PATIENCE = 8000;

export class Tabs {
  /** @param {string} scope @param {(note: {type: string, value?: any}) => void} hear */
  constructor(scope, hear) {
    this.name = `player-messenger:${scope}`;
    /** @type {BroadcastChannel | null} */
    this.channel = null;
    try {
      this.channel = new BroadcastChannel(this.name);
      this.channel.onmessage = ({ data }) => hear(data);
    } catch {
      // storage denied: this tab is alone
    }
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
      return await navigator.locks.request(this.name, { signal: AbortSignal.timeout(PATIENCE) }, begin);
    } catch (error) {
      if (started) throw error;
      return work();
    }
  }

  /**
   * Runs `work` in one tab of the browser; the others wait for their turn until `signal` ends their wish.
   * @param {AbortSignal} signal @param {() => Promise<void>} work
   */
  async lead(signal, work) {
    let started = false;
    const begin = async () => {
      started = true;
      if (!signal.aborted) await work();
    };
    try {
      await navigator.locks.request(`${this.name}:stream`, { signal }, begin);
    } catch {
      if (!started) await begin();
    }
  }
}
