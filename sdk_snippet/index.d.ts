import type { PlayerMessenger } from "./messenger.js";

export type * from "./messenger.js";

export interface LoadOptions {
  /** Where the widget-service is: `https://support.example`. */
  apiBase: string;
  /** Another address of the script: the immutable one of the service's `/sdk/v1/manifest.json`, together with its `integrity`. */
  src?: string;
  /** `sha384-…` */
  integrity?: string;
  /** The nonce of the page's `script-src`. */
  nonce?: string;
}

/**
 * Puts the messenger's script on the page, the first time it is called, and returns the function to speak to it.
 * Calls made before the script is there wait for it, in their order; all return promises, `on` the function that unsubscribes.
 * Without a window (server-side rendering) calls are answered, and nothing happens.
 */
export function load(options: LoadOptions): PlayerMessenger;
