import { createStore } from "zustand/vanilla";

interface Notice {
  id: number;
  sentence: string;
}

const SHOWN_MS = 7_000;
const MOST_AT_ONCE = 3;
let nextId = 1;

interface Notices {
  notices: readonly Notice[];
  /** The modal window that is open: outside of it, nothing is seen or can be pressed. */
  host: HTMLElement | null;
}

export const noticeStore = createStore<Notices>(() => ({ notices: [], host: null }));

export function hostNotices(host: HTMLElement | null): void {
  noticeStore.setState({ host });
}

/** Shows a sentence for a few seconds. The same sentence is not shown twice at once. */
export function notify(sentence: string): void {
  const { notices } = noticeStore.getState();
  if (notices.some((notice) => notice.sentence === sentence)) return;
  const notice = { id: nextId, sentence };
  nextId += 1;
  noticeStore.setState({ notices: [...notices, notice].slice(-MOST_AT_ONCE) });
  setTimeout(() => dismiss(notice.id), SHOWN_MS);
}

export function dismiss(id: number): void {
  noticeStore.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }));
}
