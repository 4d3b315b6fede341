/** What passes between the page script and the messenger's frame; for the type checker only. */

import type { Attributes, MessengerSettings } from "./messenger.d.ts";

/** How a promise is settled. */
export type Settling = [resolve: (value?: any) => void, reject: (reason: Error) => void];

/** Either a question (`id`), the answer to one (`re`), or news. */
export interface FrameMessage {
  id?: number;
  re?: number;
  type: string;
  value?: any;
  error?: string;
}

/** A colour that the browser does not know changes nothing. */
export interface LauncherLook {
  label: string;
  title?: string;
  count?: number;
  color: any;
  ink: string;
}

export interface StartAnswer {
  status: number;
  body: unknown;
  retry_after: string | null;
}

/** What the frame may ask of the page. */
export interface Handlers {
  ready(look: LauncherLook): void;
  launcher(look: LauncherLook): void;
  /** `line` is for the console. */
  event(event: { name?: string; detail?: unknown; line?: string }): void;
  hide(): void;
  /** The panel was open when the page before this one was left. */
  open(): void;
  /** Somebody else has logged in or out: what the page gave before counts no more. */
  wiped(): void;
  reload(): void;
  /** Whether the page listens to that event. */
  listens(name: string): boolean;
  token(wish: { fresh?: boolean }): Promise<string | null | { stale: true }>;
  start(wish: { proof: string; body: object }): Promise<StartAnswer>;
}

export interface Methods {
  /** `bySnippet`: the script was run again. */
  boot(settings?: MessengerSettings, bySnippet?: boolean): Promise<void>;
  identify(player?: string | { token: string } | null): Promise<void>;
  logout(): Promise<void>;
  shutdown(): Promise<void>;
  /** `quiet`: the keyboard stays where it is. */
  show(text?: string, quiet?: boolean): Promise<void>;
  hide(): Promise<void>;
  toggle(): Promise<void>;
  showNewMessage(text?: string): Promise<void>;
  setLocale(tag: string): Promise<void>;
  setAttributes(more: Attributes): Promise<void>;
  on(name: string, listener: (detail: any) => void): () => void;
}
