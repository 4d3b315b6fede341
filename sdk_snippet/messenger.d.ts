/** Types of the player messenger's page script. The script itself is loaded from the service, never bundled. */

export interface MessengerSettings {
  /** `ws_…` */
  workspaceId: string;
  /** `br_…`; the workspace's first brand when left out. */
  brandId?: string;
  /** Where the service is; the origin of the script's own address when left out. */
  apiBase?: string;
  /** The signed player token of a server-rendered page, or null for a visitor who is not logged in. */
  player?: { token: string } | null;
  /** Preferred: fetches a fresh player token from your backend (`Cache-Control: no-store`); null when nobody is logged in, and it throws when it cannot tell. */
  getPlayerToken?: () => Promise<string | null> | string | null;
  alignment?: "left" | "right";
  /** Pixels between the launcher and the bottom of the page. */
  verticalPadding?: number;
  /** Pixels between the launcher and the side of the page. */
  horizontalPadding?: number;
  /** Any CSS colour; the brand's own when left out. */
  primaryColor?: string;
  theme?: "light" | "dark" | "auto";
  zIndex?: number;
  /** BCP 47; the page's `lang` when left out. */
  locale?: string;
  /** Plays a short tone for an answer that nobody sees arrive; off unless it is said here or in the brand's look. */
  sound?: boolean;
  /** Whether a chat that was open on the page before opens again on this one, for the same player; on unless it is said here or in the brand's look. */
  reopen?: boolean;
  /** Loads nothing but the launcher until the messenger is opened, for pages that ask for consent first. */
  defer?: boolean;
  /** What stands in the panel while the service cannot be reached: a sentence, and where else help is to be had. */
  unavailable?: string;
  /** Unsigned facts about the visitor, shown to agents as claimed. */
  attributes?: Attributes;
}

export type Attributes = Record<string, string | number | boolean | null>;

/** The service's error codes, or one of the two that arise in the browser. */
export type IdentityErrorCode =
  | "INVALID_PLAYER_TOKEN"
  | "PLAYER_TOKEN_EXPIRED"
  | "PLAYER_TOKEN_REUSED"
  | "IDENTITY_REQUIRED"
  | "ORIGIN_NOT_ALLOWED"
  | "PLAYER_TOKEN_UNAVAILABLE"
  | "FRAME_UNREACHABLE"
  | "FRAME_BLOCKED"
  | "UNREACHABLE"
  | (string & {});

export interface MessengerEvents {
  ready: {};
  "conversation:started": { conversation_id: string; resumed: boolean };
  /** A message was received. Its text stays in the messenger's own frame. */
  message: { message_id: string; author_type: "agent" | "system" };
  unread: { count: number };
  "identity:error": { code: IdentityErrorCode; reason?: string; message: string; request_id: string };
  "session:expired": {};
  handover: {};
  closed: { conversation_id: string };
  /** A visitor wants to sign in, to be able to chat. Who listens gets a button for it in the panel. */
  sign_in: {};
  show: {};
  hide: {};
}

export type Unsubscribe = () => void;

/** A call as the queue stub keeps it. */
export type Call = [method: string, ...values: unknown[]];

export interface PlayerMessenger {
  (method: "boot", settings?: MessengerSettings): Promise<void>;
  (method: "identify", player?: string | { token: string } | null): Promise<void>;
  (method: "logout" | "shutdown" | "show" | "hide" | "toggle"): Promise<void>;
  (method: "showNewMessage", text?: string): Promise<void>;
  (method: "setLocale", locale: string): Promise<void>;
  (method: "setAttributes", attributes: Attributes): Promise<void>;
  <Name extends keyof MessengerEvents>(method: "on", event: Name, listener: (detail: MessengerEvents[Name]) => void): Unsubscribe;
  /** Calls made before the script had loaded. */
  q?: ArrayLike<unknown>[];
  version?: string;
}

declare global {
  interface Window {
    PlayerMessenger?: PlayerMessenger;
    playerMessengerSettings?: MessengerSettings;
  }
}
