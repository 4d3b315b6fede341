/**
 * The confirmation key and the session that is bound to it, one record per workspace, brand and operator's site.
 *
 * The private key is not extractable: it can be used in this browser and never copied. Where storage is denied, or fails on
 * the way, everything lives in memory: the chat works, and a reload starts afresh.
 *
 * The record is the only truth across tabs. Its epoch rises at every logout and switch and outlives them; a write counts only in the
 * epoch in which it was begun. So a tab that has heard of nothing can bring nobody back.
 */

import { newKeys } from "./proof.js";

/** @typedef {import("./types.d.ts").StoredSession} StoredSession */

const STORE = "sessions";
const STORAGE_PATIENCE = 3000;

/** @returns {Promise<IDBDatabase>} rejected where the browser denies storage, or never answers */
function openDatabase() {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("storage does not answer")), STORAGE_PATIENCE);
    const request = indexedDB.open("player-messenger", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "scope" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error);
  });
}

/** What stands on the shelf of one scope: a record with its epoch, or the epoch alone. @typedef {{scope: string, epoch: number, wish?: string} & Partial<StoredSession>} Shelf */

export class KeyStore {
  /** @param {string} scope */
  constructor(scope) {
    this.scope = scope;
    /** What is kept while the browser keeps nothing. @type {Shelf} */
    this.memory = { scope, epoch: 0 };
    /** A key for whoever comes: made before it is needed, kept only once it is used. @type {Promise<CryptoKeyPair> | null} */
    this.spare = newKeys();
    /** @type {Promise<IDBDatabase | null>} */
    this.database = openDatabase().catch(() => null);
  }

  /**
   * Looks at the shelf and, if `change` answers something, puts that in its place: one transaction, in any number of tabs.
   * @param {(shelf: Shelf) => Shelf | undefined} [change] @returns {Promise<Shelf>} what stands there now
   */
  async shelf(change) {
    const database = await this.database;
    /** @param {Shelf} before */
    const turn = (before) => {
      const next = change?.(before);
      if (next) this.memory = next;
      return next;
    };
    if (database)
      try {
        return await new Promise((resolve, reject) => {
          const transaction = database.transaction(STORE, change ? "readwrite" : "readonly");
          const store = transaction.objectStore(STORE);
          const request = store.get(this.scope);
          /** @type {Shelf} */ let now;
          request.onsuccess = () => {
            now = request.result || { scope: this.scope, epoch: 0 };
            const next = turn(now);
            if (next) store.put((now = next));
          };
          transaction.oncomplete = () => resolve(now);
          transaction.onerror = transaction.onabort = () => reject(transaction.error);
        });
      } catch {
        this.database = Promise.resolve(null);
      }
    return turn(this.memory) || this.memory;
  }

  /** @returns {Promise<{epoch: number, stored: StoredSession | null}>} */
  async read() {
    const { epoch, ...stored } = await this.shelf();
    return { epoch, stored: stored.keys ? /** @type {StoredSession} */ (stored) : null };
  }

  /**
   * `next` in the place of what stands there, unless somebody has logged out or in since `epoch`, or `token` has gone.
   * @param {number} epoch @param {StoredSession} next @param {string | null} [token] @returns {Promise<boolean>} whether it stands there now
   */
  async write(epoch, next, token) {
    const now = await this.shelf((shelf) => (shelf.epoch === epoch && (token === undefined || shelf.token === token) ? { ...next, epoch, wish: shelf.wish } : undefined));
    return now.epoch === epoch && now.token === next.token;
  }

  /**
   * Everything of the player goes and the epoch rises, unless somebody else has done so since `epoch`, or this very `wish` is done.
   * @param {number} [epoch] @param {string} [wish] @returns {Promise<{epoch: number, raised: boolean, gone: StoredSession | null}>} what stood there
   */
  async wipe(epoch, wish) {
    /** @type {Shelf | undefined} */ let gone;
    const now = await this.shelf((shelf) => {
      if ((epoch !== undefined && shelf.epoch !== epoch) || (wish && shelf.wish === wish)) return undefined;
      gone = shelf;
      return { scope: this.scope, epoch: shelf.epoch + 1, wish: wish || shelf.wish };
    });
    return { epoch: now.epoch, raised: gone !== undefined, gone: gone?.keys ? /** @type {StoredSession} */ (gone) : null };
  }

  /** Whether this logout has been done, by whichever tab. @param {string} wish */
  async did(wish) {
    return (await this.shelf()).wish === wish;
  }

  /** A new key, bound to nobody yet. @param {number} epoch @returns {Promise<StoredSession>} */
  async create(epoch) {
    const keys = await (this.spare || newKeys());
    this.spare = null;
    /** @type {StoredSession} */
    const record = { scope: this.scope, keys, subject: null, token: null, expires_at: 0, conversation_id: null };
    // Not waited for: what is read or written next stands behind it in line.
    void this.write(epoch, record);
    return record;
  }
}
