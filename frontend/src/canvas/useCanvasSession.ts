import { useEffect, useState } from "react";

import { CanvasSession } from "@/canvas/session";
import type { JobMessage } from "@/realtime/protocol";

interface SessionInput {
  canvasId: string;
  userId: number;
  onJobMessage: (message: JobMessage) => void;
  onTitle: (title: string) => void;
  onResync: () => void;
  onNotice: (sentence: string) => void;
  isSigningOut: () => boolean;
}

/** The session of the open canvas, running while the component is shown. Mount it anew for another canvas. */
export function useCanvasSession(input: SessionInput): CanvasSession {
  const [session] = useState(() => new CanvasSession(input));
  useEffect(() => {
    session.start();
    window.collabcanvas = {
      getElements: () => session.getElements(),
      getView: () => session.store.getState().view,
    };
    return () => {
      delete window.collabcanvas;
      session.stop();
    };
  }, [session]);
  return session;
}
