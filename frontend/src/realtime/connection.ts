import { parseServerMessage } from "@/realtime/protocol";
import type { ClientMessage, ServerMessage } from "@/realtime/protocol";

export type ConnectionStatus =
  | { kind: "connecting" }
  | { kind: "online" }
  | { kind: "reconnecting"; attempt: number }
  /** Over for good: reconnecting would be refused in the same way. */
  | { kind: "closed"; reason: CloseReason };
export type CloseReason = "not_signed_in" | "no_access" | "unknown_canvas" | "stopped";

const FINAL_CLOSE_CODES: Readonly<Record<number, CloseReason>> = {
  4401: "not_signed_in",
  4403: "no_access",
  4404: "unknown_canvas",
};

const TOO_LARGE = 4413;
const TOO_LARGE_SENTENCE =
  "A change was too large to be sent to the others. Undo it, or make it in smaller steps.";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
const PING_EVERY_MS = 25_000;
const PONG_WITHIN_MS = 10_000;
const OPEN_WITHIN_MS = 10_000;

interface ConnectionOptions {
  path: string;
  onMessage: (message: ServerMessage) => void;
  onStatus: (status: ConnectionStatus) => void;
  /** A sentence for the person: something that they did could not be sent. */
  onRefused?: (sentence: string) => void;
  /** A message that should have been understood was not: fetch anew what it may have said. */
  onMalformed?: (reason: string) => void;
}

/**
 * One WebSocket that stays connected: connects, backs off with jitter, notices a dead line or network, parses.
 *
 * `start` and `stop` may be called again and again; after `stop` nothing is delivered any more.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  #socket: WebSocket | null = null;
  #status: ConnectionStatus = { kind: "closed", reason: "stopped" };
  #attempt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setTimeout> | undefined;
  #deadlineTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  start(): void {
    if (this.#status.kind !== "closed") return;
    this.#attempt = 0;
    window.addEventListener("offline", this.#wentOffline);
    window.addEventListener("online", this.#cameBack);
    document.addEventListener("visibilitychange", this.#retryNow);
    this.#setStatus({ kind: "connecting" });
    this.#open();
  }

  stop(): void {
    this.#finish("stopped");
  }

  /** Hands a message to the socket; false when there is none to hand it to. */
  send(message: ClientMessage): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Bytes that the browser has not yet passed on: while they pile up, droppable messages should be dropped. */
  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  #open(): void {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}${this.#options.path}`);
    this.#socket = socket;
    this.#deadlineTimer = setTimeout(() => this.#drop(socket, 0), OPEN_WITHIN_MS);
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      clearTimeout(this.#deadlineTimer);
      this.#setStatus({ kind: "online" });
      this.#schedulePing(socket);
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (socket === this.#socket && typeof event.data === "string") this.#receive(event.data);
    };
    socket.onclose = (event) => this.#drop(socket, event.code);
  }

  #receive(text: string): void {
    clearTimeout(this.#deadlineTimer);
    // Only a line that carries something counts as good: a server that accepts and closes must not be hammered.
    this.#attempt = 0;
    const parsed = parseServerMessage(text);
    switch (parsed.kind) {
      case "message":
        if (parsed.message.type !== "pong") this.#options.onMessage(parsed.message);
        break;
      case "malformed":
        this.#options.onMalformed?.(parsed.reason);
        break;
      case "unknown":
        break;
    }
  }

  #schedulePing(socket: WebSocket): void {
    clearTimeout(this.#pingTimer);
    this.#pingTimer = setTimeout(() => this.#ping(socket), PING_EVERY_MS);
  }

  #ping(socket: WebSocket): void {
    if (!this.send({ type: "ping" })) return;
    clearTimeout(this.#deadlineTimer);
    this.#deadlineTimer = setTimeout(() => this.#drop(socket, 0), PONG_WITHIN_MS);
    this.#schedulePing(socket);
  }

  #drop(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return;
    this.#forgetSocket();
    const reason = FINAL_CLOSE_CODES[code];
    if (reason) {
      this.#finish(reason);
      return;
    }
    if (code === TOO_LARGE) this.#options.onRefused?.(TOO_LARGE_SENTENCE);
    this.#attempt += 1;
    this.#setStatus({ kind: "reconnecting", attempt: this.#attempt });
    const ceiling = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#attempt - 1));
    this.#retryTimer = setTimeout(() => this.#open(), ceiling * (0.5 + Math.random() / 2));
  }

  /** The browser knows before any ping. It may be wrong, as with a server on the same machine: tries go on. */
  readonly #wentOffline = (): void => {
    if (this.#socket) this.#drop(this.#socket, 0);
  };

  readonly #cameBack = (): void => {
    // What the failures without a network taught is no measure of the server.
    this.#attempt = 0;
    if (this.#status.kind === "online") {
      if (this.#socket) this.#ping(this.#socket);
      return;
    }
    if (this.#status.kind !== "reconnecting" || document.visibilityState === "hidden") return;
    // A try that began without a network may hang until its deadline.
    this.#forgetSocket();
    this.#retryNow();
  };

  readonly #retryNow = (): void => {
    if (this.#status.kind !== "reconnecting" || this.#socket || document.visibilityState === "hidden") return;
    clearTimeout(this.#retryTimer);
    this.#open();
  };

  #finish(reason: CloseReason): void {
    this.#forgetSocket(closeOnceOpen);
    clearTimeout(this.#retryTimer);
    window.removeEventListener("offline", this.#wentOffline);
    window.removeEventListener("online", this.#cameBack);
    document.removeEventListener("visibilitychange", this.#retryNow);
    this.#setStatus({ kind: "closed", reason });
  }

  #forgetSocket(close = closeAtOnce): void {
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#deadlineTimer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) close(socket);
  }

  #setStatus(status: ConnectionStatus): void {
    this.#status = status;
    this.#options.onStatus(status);
  }
}

function closeAtOnce(socket: WebSocket): void {
  if (socket.readyState <= WebSocket.OPEN) socket.close(1000);
}

/** Browsers complain about a socket that is closed while it opens: it may end opening, but not hang. */
function closeOnceOpen(socket: WebSocket): void {
  if (socket.readyState !== WebSocket.CONNECTING) {
    closeAtOnce(socket);
    return;
  }
  const deadline = setTimeout(() => closeAtOnce(socket), OPEN_WITHIN_MS);
  socket.onopen = () => {
    clearTimeout(deadline);
    closeAtOnce(socket);
  };
}
