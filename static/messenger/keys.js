/**
 * The confirmation key and the session that is bound to it, one record per workspace, brand and operator's site.
 *
 * The private key is not extractable: it can be used in this browser and never copied. Where storage is denied, or fails on
 * the way, everything lives in memory: the chat works, and a reload starts afresh.
 */

import { newKeys } from "./proof.js";

/** @typedef {import("./types.d.ts").StoredSession} StoredSession */

const STORE = "sessions";
const STORAGE_PATIENCE = 3000;

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

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

export class KeyStore {
  /** @param {string} scope */
  constructor(scope) {
    this.scope = scope;
    /** What is kept while the browser keeps nothing. @type {StoredSession | null} */
    this.memory = null;
    /** A key for whoever comes: made before it is needed, kept only once it is used. @type {Promise<CryptoKeyPair> | null} */
    this.spare = newKeys();
    /** @type {Promise<IDBDatabase | null>} */
    this.database = openDatabase().catch(() => null);
  }

  /** @template T @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<T>} act @returns {Promise<T | null>} null: storage is denied */
  async run(mode, act) {
    const database = await this.database;
    try {
      return database && (await finished(act(database.transaction(STORE, mode).objectStore(STORE))));
    } catch {
      this.database = Promise.resolve(null);
      return null;
    }
  }

  /** @returns {Promise<StoredSession | null>} */
  async read() {
    return (await this.run("readonly", (store) => store.get(this.scope))) || this.memory;
  }

  /** @param {StoredSession} record */
  async write(record) {
    this.memory = (await this.run("readwrite", (store) => store.put(record))) ? null : record;
  }

  /** `next` in the place of `record`, unless that has gone meanwhile. @param {StoredSession} record @param {StoredSession} next */
  async replace(record, next) {
    await this.run("readwrite", (store) => {
      const request = store.get(this.scope);
      request.addEventListener("success", () => request.result?.token === record.token && store.put(next));
      return request;
    });
    if (this.memory?.token === record.token) this.memory = next;
  }

  async wipe() {
    this.memory = null;
    await this.run("readwrite", (store) => store.delete(this.scope));
  }

  /** A new key, bound to nobody yet. @returns {Promise<StoredSession>} */
  async create() {
    const keys = await (this.spare || newKeys());
    this.spare = null;
    /** @type {StoredSession} */
    const record = { scope: this.scope, keys, subject: null, token: null, expires_at: 0, conversation_id: null };
    // Not waited for: what is read or written next stands behind it in line.
    void this.write(record);
    return record;
  }
}
