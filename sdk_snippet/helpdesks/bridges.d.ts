/** Types of the helpdesk bridges, and as much of the vendors' page scripts as they call. */

export interface HelpdeskSettings {
  /** `ws_…` */
  workspaceId: string;
  /** `hd_…`, as `widget-service helpdesk connect` prints it. */
  connectionId: string;
  /** `br_…`; the workspace's first brand when left out. */
  brandId?: string;
  /** Where the service is; the origin of the script's own address when left out. */
  apiBase?: string;
  /** Fetches a fresh player token from your backend (`Cache-Control: no-store`), at each call; null when nobody is logged in. */
  getPlayerToken: () => Promise<string | null | undefined> | string | null | undefined;
  /** Logs the player in with the vendor too; the connection needs the vendor's key. */
  login?: boolean;
  /** Zendesk only: tags for the player's tickets. Anybody can change them in the browser. */
  tags?: string[];
}

/** A call as the queue stub keeps it. */
export type HelpdeskCall = [method: string, ...values: unknown[]];

export interface HelpdeskMethods {
  boot(settings?: HelpdeskSettings): Promise<void>;
  identify(): Promise<void>;
  logout(): Promise<void>;
}

export interface PlayerHelpdesk {
  /** Again with other settings: they are taken over. */
  (method: "boot", settings?: HelpdeskSettings): Promise<void>;
  /** A player logged in without a new page, or another one did. */
  (method: "identify"): Promise<void>;
  /** Nobody is logged in any more: the vendor's widget forgets who it was. */
  (method: "logout"): Promise<void>;
  /** Calls made before the script had loaded. */
  q?: ArrayLike<unknown>[];
  version?: string;
}

/** What the service says of it, and whether asking again can help. */
export interface Problem extends Error {
  code: string;
  passes: boolean;
}

export interface Answer {
  attributes?: Record<string, string | number | boolean>;
  token?: string;
  expires_at?: string;
  widget_token?: CustomerToken;
  error?: { code: string; message: string; request_id: string };
}

/** LiveChat's, as its widget takes it: times are milliseconds. */
export interface CustomerToken {
  accessToken: string;
  entityId: string;
  expiresIn: number;
  tokenType: string;
  creationDate: number;
  licenseId: number;
}

export interface LiveChatWidget {
  call(method: string, ...values: unknown[]): void;
  on(event: string, listener: (detail: any) => void): void;
  /** Throws before the widget has loaded. */
  get(what: string): any;
  init(): void;
}

declare global {
  interface Window {
    PlayerHelpdesk?: PlayerHelpdesk;
    playerHelpdeskSettings?: HelpdeskSettings;
    zE?: (...words: any[]) => unknown;
    LiveChatWidget?: LiveChatWidget;
    __lc?: Record<string, unknown>;
  }
}
