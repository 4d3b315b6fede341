/** What passes between the page script and the messenger's frame; for the type checker only. */

import type { Attributes, MessengerSettings } from "./messenger.d.ts";

export type Settings = MessengerSettings;

export interface Waiting {
  resolve: (value?: any) => void;
  reject: (reason: Error) => void;
}

export interface Parts {
  host: HTMLElement;
  shadow: ShadowRoot;
  box: HTMLElement;
  launcher: HTMLButtonElement;
  badge: HTMLElement;
}

/** Either a question (`id`), the answer to one (`re`), or news. */
export interface FrameMessage {
  id?: number;
  re?: number;
  type: string;
  value?: any;
  error?: string;
}

export interface LauncherLook {
  label?: string;
  title?: string;
  count?: number;
  color?: string;
  ink?: string;
}

export interface Refusal {
  code: string;
  reason?: string;
  message: string;
  request_id: string;
  hint?: string;
}

export interface StartAnswer {
  status: number;
  body: unknown;
  retry_after: number;
}

/** What the frame may ask of the page. */
export interface Handlers {
  ready(look: LauncherLook): void;
  launcher(look: LauncherLook): void;
  event(event: { name: string; detail: any }): void;
  hide(): void;
  token(wish: { fresh?: boolean }): Promise<string | null>;
  start(wish: { proof: string; token: string | null }): Promise<StartAnswer>;
}

export interface Methods {
  boot(settings?: Settings): Promise<void>;
  identify(player?: string | { token: string } | null): Promise<void>;
  logout(): Promise<void>;
  shutdown(): Promise<void>;
  show(text?: string): Promise<void>;
  hide(): Promise<void>;
  toggle(): Promise<void>;
  showNewMessage(text?: string): Promise<void>;
  setLocale(tag: string): Promise<void>;
  setAttributes(more: Attributes): Promise<void>;
  on(name: string, listener: (detail: any) => void): () => void;
}
