import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

// What jsdom lacks and the page uses.
HTMLDialogElement.prototype.showModal = function showModal(this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close(this: HTMLDialogElement) {
  this.open = false;
};

window.matchMedia = (query) =>
  Object.assign(new EventTarget() as MediaQueryList, { matches: false, media: query, onchange: null });

afterEach(() => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
});
