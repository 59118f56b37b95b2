import { vi } from "vitest";

type Answer = () => Response | Promise<Response>;

interface Call {
  what: string;
  headers: Readonly<Record<string, string>>;
  body: unknown;
}

/** Stands in for the network: `fetch` is answered by the test. Calls are named like "GET /api/session". */
export class FakeServer {
  readonly calls: Call[] = [];
  readonly #answers = new Map<string, Answer>();

  constructor() {
    document.cookie = "csrftoken=token";
    vi.stubGlobal("fetch", (path: string, init: RequestInit) => this.#answer(path, init));
  }

  /** From now on, `what` is answered so; the address is matched with and without its query. */
  on(what: string, answer: Answer): this {
    this.#answers.set(what, answer);
    return this;
  }

  callsOf(what: string): Call[] {
    return this.calls.filter((call) => call.what === what);
  }

  async #answer(path: string, init: RequestInit): Promise<Response> {
    const what = `${init.method} ${path}`;
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : null;
    this.calls.push({ what, headers: init.headers as Record<string, string>, body });
    const answer = this.#answers.get(what) ?? this.#answers.get(what.replace(/\?.*/, ""));
    if (!answer) throw new Error(`Nobody said how to answer ${what}.`);
    return answer();
  }
}

/** What `fetch` does when the line breaks. */
export const lost = () => Promise.reject<Response>(new TypeError("Failed to fetch"));

/** A promise and the means to keep it. */
export function later<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((keep) => {
    resolve = keep;
  });
  return { promise, resolve };
}
