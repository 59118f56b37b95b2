import { useIsMutating, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Link, useNavigate } from "react-router";
import { useStore } from "zustand";

import { keys } from "@/api/keys";
import type { Canvas, Job, Session, SignedInUser } from "@/api/models";
import styles from "@/app/CanvasPage.module.css";
import linkStyles from "@/app/links.module.css";
import { NotFoundPage } from "@/app/NotFoundPage";
import { SignOutButton } from "@/app/SignOutButton";
import { usePageTitle } from "@/app/usePageTitle";
import {
  CanvasView,
  LeaveGuard,
  LiveState,
  OnlinePeople,
  OutlineDialog,
  TitleEditor,
  useCanvasSession,
} from "@/canvas";
import { fetchObjectsOf, jobListKey, JobPanel, JobState, receiveJobMessage, useAsking } from "@/jobs";
import { ShareDialog } from "@/sharing";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Loading } from "@/ui/Loading";
import { Logo } from "@/ui/Logo";
import { MessagePage } from "@/ui/MessagePage";
import { notify } from "@/ui/notices";
import { ThemeToggle } from "@/ui/ThemeToggle";
import { useMediaQuery } from "@/ui/useMediaQuery";

interface OpenCanvasProps {
  canvas: Canvas;
  session: Session;
  user: SignedInUser;
  onSignedOut: () => void;
}

/** The page of a canvas: header, drawing surface, AI panel. */
export function OpenCanvas({ canvas, session, user, onSignedOut }: OpenCanvasProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const isNarrow = useMediaQuery("(max-width: 820px)");
  const [isPanelOpen, setPanelOpen] = useState(!isNarrow);
  const panel = useRef<HTMLElement>(null);
  const panelToggle = useRef<HTMLButtonElement>(null);
  const [askedJobId, setAskedJobId] = useState<string | null>(null);
  const asking = useAsking();
  const [dialog, setDialog] = useState<"share" | "outline" | null>(null);

  const [hasLeft, setLeft] = useState(false);
  const isLeaving = useIsMutating({ mutationKey: keys.leave(canvas.id) }) > 0 || hasLeft;

  const live = useCanvasSession({
    canvasId: canvas.id,
    userId: user.id,
    onJobMessage: (message) => receiveJobMessage(client, { canvasId: canvas.id }, message),
    onTitle: (title) =>
      client.setQueryData<Canvas>(keys.canvas(canvas.id), (held) => held && { ...held, title }),
    onResync: () => {
      void client.invalidateQueries({ queryKey: jobListKey({ canvasId: canvas.id }) });
      void client.invalidateQueries({ queryKey: keys.canvas(canvas.id), exact: true });
    },
    onNotice: notify,
    isSigningOut: () => client.isMutating({ mutationKey: keys.signOut }) > 0,
  });
  const connection = useStore(live.store, (state) => state.connection);
  const liveRole = useStore(live.store, (state) => state.role);
  const selectedIds = useStore(live.store, (state) => state.selectedIds);
  const role = liveRole ?? canvas.role;
  const mayEdit = role !== "viewer";
  const closed = connection.kind === "closed" ? connection.reason : null;
  const isDeleted = useStore(live.store, (state) => state.deleted);
  usePageTitle(closed !== "no_access" ? canvas.title : isDeleted ? "Canvas deleted" : "No access");

  useEffect(() => {
    if (closed === "not_signed_in") onSignedOut();
  }, [closed, onSignedOut]);

  // Past the editor's tools, which are dozens of stops for who goes by keyboard.
  function goToPanel() {
    flushSync(() => setPanelOpen(true));
    panel.current?.focus();
  }

  function closePanel() {
    const hadFocus = panel.current?.contains(document.activeElement);
    flushSync(() => setPanelOpen(false));
    if (hadFocus) panelToggle.current?.focus();
  }

  const openOutline = useCallback(() => setDialog("outline"), []);

  async function showJob(job: Job) {
    const drawn = (await fetchObjectsOf(job)) ?? live.objectsOfJob(job.id);
    if (!live.show(drawn, { select: mayEdit })) {
      notify("Nothing of that drawing is on the canvas any more.");
    } else if (isNarrow) closePanel();
  }

  if (closed === "unknown_canvas") return <NotFoundPage what="canvas" />;
  if (closed === "no_access" && isDeleted) {
    return (
      <MessagePage title="This canvas was deleted" text="It is gone for everybody who had access to it.">
        <Link className={linkStyles.button} to="/">
          Your canvases
        </Link>
      </MessagePage>
    );
  }
  // Who leaves by themselves is led away by that.
  if (closed === "no_access" && isLeaving) return <Loading what="your canvases" />;
  if (closed === "no_access") {
    return (
      <MessagePage
        title="This canvas is no longer open to you"
        text="It is no longer shared with you. Its owner can invite you again."
      >
        <Link className={linkStyles.button} to="/">
          Your canvases
        </Link>
      </MessagePage>
    );
  }

  return (
    <div className={styles.page}>
      <header className={styles.bar}>
        <Button look="primary" className={styles.skip} onClick={goToPanel}>
          Go to AI drawing
        </Button>
        <div className={styles.left}>
          <Link to="/" className={styles.back} aria-label="Your canvases" title="Your canvases">
            <Icon name="back" size={20} />
            <Logo size={26} />
          </Link>
          <TitleEditor canvas={canvas} mayEdit={mayEdit} />
          {!mayEdit && <span className={styles.viewOnly}>View only</span>}
          <LiveState session={live} />
        </div>
        <OnlinePeople session={live} userId={user.id} />
        <span className={styles.wideOnly}>
          <Button look="quiet" icon aria-label="Outline" title="Outline" onClick={openOutline}>
            <Icon name="outline" />
          </Button>
        </span>
        <Button look={isNarrow ? "quiet" : "secondary"} aria-label="Share" onClick={() => setDialog("share")}>
          <Icon name="share" />
          {!isNarrow && "Share"}
        </Button>
        <ThemeToggle />
        <SignOutButton />
        <span className={styles.wideOnly}>
          <Button
            ref={isNarrow ? null : panelToggle}
            look="quiet"
            icon
            aria-label="AI panel"
            title={isPanelOpen ? "Hide the AI panel" : "Show the AI panel"}
            aria-expanded={isPanelOpen}
            onClick={() => setPanelOpen((open) => !open)}
          >
            <Icon name="panel" />
          </Button>
        </span>
      </header>
      <div className={styles.body}>
        <main className={styles.stage}>
          <CanvasView canvasId={canvas.id} session={live} title={canvas.title} onOutline={openOutline} />
        </main>
        {isPanelOpen && (
          <aside ref={panel} tabIndex={-1} className={styles.panel} aria-label="AI drawing">
            <div className={styles.panelHead}>
              <h2>
                <Icon name="spark" /> AI drawing
              </h2>
              <Button look="quiet" icon aria-label="Close the AI panel" onClick={closePanel}>
                <Icon name={isNarrow ? "chevronDown" : "close"} />
              </Button>
            </div>
            <div className={styles.scroll}>
              <JobPanel
                canvasId={canvas.id}
                asking={asking}
                session={session}
                user={user}
                mayEdit={mayEdit}
                isLive={connection.kind === "online"}
                selectedIds={selectedIds}
                onShow={(job) => void showJob(job)}
                onSent={(jobId) => {
                  setAskedJobId(jobId);
                  if (isNarrow) closePanel();
                }}
              />
            </div>
          </aside>
        )}
        {isNarrow && !isPanelOpen && (
          <div className={styles.sheetHandle}>
            <button
              ref={panelToggle}
              type="button"
              aria-label="AI panel"
              aria-expanded={false}
              onClick={goToPanel}
            >
              <Icon name="spark" /> AI drawing <Icon name="chevronUp" size={16} />
            </button>
            <JobState canvasId={canvas.id} jobId={askedJobId} isLive={connection.kind === "online"} />
          </div>
        )}
      </div>
      {dialog === "share" && (
        <ShareDialog
          canvasId={canvas.id}
          user={user}
          role={role}
          onClose={() => setDialog(null)}
          onLeft={() => {
            setLeft(true);
            void navigate("/");
          }}
        />
      )}
      <LeaveGuard session={live} />
      {dialog === "outline" && <OutlineDialog session={live} onClose={() => setDialog(null)} />}
    </div>
  );
}
