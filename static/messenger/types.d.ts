/** The shapes that cross the wire and the modules; nothing of this file is loaded by a browser. */

import type { ServiceError } from "./api.js";
import type { Live } from "./session.js";

export interface FrameSettings {
  workspace_id: string;
  brand_id: string;
  service_origin: string;
  parent_origin: string;
  start_url: string;
  server_time: number;
  /** What the page asked for, else the brand's; `language` is the file of texts that was chosen for it. */
  locale: string | null;
  language: string;
  languages: string[];
  words: Record<string, string>;
  look: { sign_in?: string; primary_color?: string; theme?: Theme; sound?: boolean; reopen?: boolean };
  texts: Record<string, string>;
}

export type Theme = "light" | "dark" | "auto";

export interface Author {
  type: "player" | "agent" | "system";
  name: string | null;
  kind?: "ai" | "human";
  avatar_url?: string | null;
  verified?: boolean;
}

export interface Message {
  id: string;
  conversation_id: string;
  author: Author;
  text: string;
  created_at: string;
  client_message_id?: string | null;
}

export interface Conversation {
  id: string;
  brand_id: string;
  status: string;
  created_at: string;
}

export interface Player {
  player_id: string;
  name: string | null;
  verified: boolean;
}

export interface SessionToken {
  token: string;
  token_type: string;
  expires_at: string;
  expires_in: number;
  scope: string;
}

export interface StartAnswer {
  success: true;
  resumed: boolean;
  conversation: Conversation;
  player: Player | null;
  session: SessionToken;
}

export interface ServiceEvent {
  id: string;
  type: string;
  data: any;
}

/** What this browser keeps between two page loads. `subject` is the player that the key belongs to; null while anonymous. */
export interface StoredSession {
  scope: string;
  keys: CryptoKeyPair;
  subject: string | null;
  token: string | null;
  expires_at: number;
  conversation_id: string | null;
}

/** The player as the page states it: not known yet, known to be nobody, or a player token. */
export interface Identity {
  known: boolean;
  token?: string | null;
  /** The page was made before the last login or logout, and cannot be asked. */
  stale?: boolean;
  /** Stands in a page that was kept, or was made anew, by going back: of another player than the stored one it says nothing. */
  old?: boolean;
}

export interface SdkBoot {
  identity: Identity;
  locale: string;
  /** Whether the panel is open already. */
  open: boolean;
  /** What the page's settings are called. */
  names: string[];
  /** A logout that an earlier page could not finish. */
  logout: string | null;
  theme?: Theme;
  color?: string;
  sound?: boolean;
  /** Whether a chat that was open on the page before opens again. */
  reopen?: boolean;
  version: string;
}

/** What a session tells of itself. */
export interface SessionListener {
  /** Whether the player waits for something. */
  wanted(): boolean;
  opening(): void;
  started(live: Live, resumed: boolean): void;
  /** A session could not be opened. */
  failed(error: ServiceError): void;
  /** The page could not say who is here: what runs goes on, and it is asked again. */
  doubted(error: ServiceError): void;
  /** The session is over on the service's side. */
  expired(): void;
  /** Everything of this player must leave the screen. */
  wiped(): void;
  /** Another tab has taken the chat over. */
  elsewhere(): void;
}
