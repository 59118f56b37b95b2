declare global {
  interface Window {
    EXCALIDRAW_ASSET_PATH?: string;
  }
}

// The editor reads this when it is first evaluated, so this module is imported before it.
window.EXCALIDRAW_ASSET_PATH = import.meta.env.BASE_URL;

export {};
