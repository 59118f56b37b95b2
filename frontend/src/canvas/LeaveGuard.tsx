import { useEffect, useState } from "react";
import { useBlocker } from "react-router";
import { useStore } from "zustand";

import type { CanvasSession } from "@/canvas/session";
import { ConfirmDialog } from "@/ui/ConfirmDialog";

const SAVED_SOON_MS = 1_000;

/** Asks before the way to another page takes unsaved edits along; once they are saved, the way is free. */
export function LeaveGuard({ session }: { session: CanvasSession }) {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      currentLocation.pathname !== nextLocation.pathname && session.hasUnsaved,
  );
  if (blocker.state !== "blocked") return null;
  return <LeaveDialog session={session} onLeave={() => blocker.proceed()} onStay={() => blocker.reset()} />;
}

interface LeaveDialogProps {
  session: CanvasSession;
  onLeave: () => void;
  onStay: () => void;
}

function LeaveDialog({ session, onLeave, onStay }: LeaveDialogProps) {
  const save = useStore(session.store, (state) => state.save);
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    if (save === "saved") onLeave();
  }, [save, onLeave]);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SAVED_SOON_MS);
    return () => clearTimeout(timer);
  }, []);
  // Nobody need be asked about what is saved in a moment.
  if (save === "saved" || (save === "saving" && !isSlow)) return null;
  return (
    <ConfirmDialog
      title="Leave without saving?"
      question="Your last changes have not reached the server yet. If you leave now, they are lost."
      confirm="Leave"
      keep="Stay"
      busy={false}
      error={null}
      onConfirm={onLeave}
      onClose={onStay}
    />
  );
}
