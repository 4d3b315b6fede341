/**
 * The confirmation key and the session that is bound to it, one record per workspace, brand and operator's site.
 *
 * The private key is not extractable: it can be used in this browser and never copied. Where storage is denied, everything
 * lives in memory: the chat works, and a reload starts afresh.
 */

/** @typedef {import("./types.d.ts").StoredSession} StoredSession */

const STORE = "sessions";
const PATIENCE = 3000;

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
    setTimeout(() => reject(new Error("storage does not answer")), PATIENCE);
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
    /** @type {StoredSession | null} */
    this.memory = null;
    /** @type {Promise<IDBDatabase | null>} */
    this.database = openDatabase().catch(() => null);
  }

  /** Whether a reload will find what is kept. */
  async lasting() {
    return (await this.database) !== null;
  }

  /** @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<any>} act */
  async run(mode, act) {
    const database = await this.database;
    return database ? finished(act(database.transaction(STORE, mode).objectStore(STORE))) : undefined;
  }

  /** @returns {Promise<StoredSession | null>} */
  async read() {
    if (!(await this.lasting())) return this.memory;
    return (await this.run("readonly", (store) => store.get(this.scope))) || null;
  }

  /** @param {StoredSession} record */
  async write(record) {
    this.memory = record;
    await this.run("readwrite", (store) => store.put(record));
  }

  async wipe() {
    this.memory = null;
    await this.run("readwrite", (store) => store.delete(this.scope));
  }

  /** A new key, bound to nobody yet. @returns {Promise<StoredSession>} */
  async create() {
    const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
    /** @type {StoredSession} */
    const record = { scope: this.scope, keys, subject: null, token: null, expires_at: 0, conversation_id: null };
    await this.write(record);
    return record;
  }
}
