import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import type { SubmitEvent } from "react";
import { flushSync } from "react-dom";
import { useNavigate, useNavigation } from "react-router";

import { createCanvas, deleteCanvas, listCanvases, renameCanvas } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Canvas } from "@/api/models";
import { CanvasCard } from "@/app/CanvasCard";
import styles from "@/app/CanvasListPage.module.css";
import { useSignedIn } from "@/app/SessionGate";
import { SignOutButton } from "@/app/SignOutButton";
import { usePageTitle } from "@/app/usePageTitle";
import { DescribeDrawing } from "@/jobs";
import { Button } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorNote } from "@/ui/ErrorNote";
import { Icon } from "@/ui/Icon";
import { Loading } from "@/ui/Loading";
import { Logo } from "@/ui/Logo";
import { notify } from "@/ui/notices";
import { ThemeToggle } from "@/ui/ThemeToggle";
import { MAX_TITLE } from "@/ui/TitleField";

/** The start page: all canvases that one may open, and two ways to a new one. */
export function CanvasListPage() {
  usePageTitle("Your canvases");
  const { session, user } = useSignedIn();
  const client = useQueryClient();
  const navigate = useNavigate();
  // The editor's code may take a while to load.
  const isOpening = useNavigation().state !== "idle";
  const [title, setTitle] = useState("");
  const [toDelete, setToDelete] = useState<Canvas | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);

  const canvases = useInfiniteQuery({
    queryKey: keys.canvases,
    queryFn: ({ pageParam }) => listCanvases(pageParam),
    initialPageParam: 0,
    getNextPageParam: (last, pages) =>
      last.next === null ? undefined : pages.reduce((count, page) => count + page.results.length, 0),
    refetchOnMount: "always",
  });
  const refresh = () => client.invalidateQueries({ queryKey: keys.canvases });
  const open = useCallback((id: string) => void navigate(`/c/${id}`), [navigate]);
  const creating = useMutation({ mutationFn: createCanvas, onSuccess: (canvas) => open(canvas.id) });
  const renaming = useMutation({
    mutationFn: (change: { id: string; title: string }) => renameCanvas(change.id, change.title),
    onSuccess: (renamed) => client.setQueryData(keys.canvas(renamed.id), renamed),
    onError: (error) => notify(error.message),
    onSettled: refresh,
  });
  const deleting = useMutation({
    mutationFn: (canvas: Canvas) => deleteCanvas(canvas.id),
    onSuccess: async (_answer, canvas) => {
      flushSync(() => setToDelete((asked) => (asked?.id === canvas.id ? null : asked)));
      // The button that was pressed goes with its card.
      heading.current?.focus();
      await refresh();
    },
    onError: (error, canvas) => {
      // The window that asked may be closed by now.
      if (toDelete?.id !== canvas.id) notify(`“${canvas.title}” was not deleted. ${error.message}`);
    },
  });

  function handleCreate(event: SubmitEvent) {
    event.preventDefault();
    creating.mutate(title.trim() || "Untitled canvas");
  }

  // A canvas that somebody changes between two pages is on both.
  const all = [
    ...new Map(
      canvases.data?.pages.flatMap((page) => page.results).map((canvas) => [canvas.id, canvas]),
    ).values(),
  ];
  const isDeleting = deleting.variables?.id === toDelete?.id;
  return (
    <div className={styles.page}>
      <header className={styles.bar}>
        <span className={styles.brand}>
          <Logo /> CollabCanvas
        </span>
        <span className={styles.who}>{user.name || user.username}</span>
        <ThemeToggle />
        <SignOutButton />
      </header>
      <main className={styles.main}>
        <DescribeDrawing session={session} user={user} onDrawn={open} />
        <section aria-labelledby="canvases-heading">
          <div className={styles.head}>
            <h1 ref={heading} id="canvases-heading" tabIndex={-1}>
              Your canvases
            </h1>
            <form className={styles.create} onSubmit={handleCreate}>
              <input
                aria-label="Title of the new canvas"
                placeholder="Untitled canvas"
                maxLength={MAX_TITLE}
                value={title}
                onChange={(event) => setTitle(event.target.value)}
              />
              <Button type="submit" disabled={creating.isPending || isOpening}>
                <Icon name="plus" size={16} /> {isOpening ? "Opening…" : "New canvas"}
              </Button>
            </form>
          </div>
          <ErrorNote error={creating.error} />
          <ErrorNote error={canvases.data ? null : canvases.error} onRetry={() => void canvases.refetch()} />
          {canvases.isPending && <Loading what="your canvases" />}
          {canvases.data && all.length === 0 && (
            <p className={styles.empty}>No canvas yet. Make an empty one, or describe a drawing above.</p>
          )}
          {all.length > 0 && (
            <ul className={styles.grid} aria-label="Canvases">
              {all.map((canvas) => (
                <CanvasCard
                  key={canvas.id}
                  canvas={canvas}
                  onRename={(newTitle) => renaming.mutate({ id: canvas.id, title: newTitle })}
                  onDelete={() => {
                    if (!deleting.isPending) deleting.reset();
                    setToDelete(canvas);
                  }}
                />
              ))}
            </ul>
          )}
          {canvases.hasNextPage && (
            <div className={styles.more}>
              <ErrorNote error={canvases.isFetchNextPageError ? canvases.error : null} />
              <Button disabled={canvases.isFetchingNextPage} onClick={() => void canvases.fetchNextPage()}>
                Show more
              </Button>
            </div>
          )}
        </section>
        {session.version && <p className={styles.foot}>CollabCanvas {session.version}</p>}
      </main>
      {toDelete && (
        <ConfirmDialog
          title="Delete this canvas?"
          question={`“${toDelete.title}” and everything on it will be deleted for good${
            toDelete.member_count > 1 ? `, for all ${toDelete.member_count} members` : ""
          }.`}
          confirm="Delete it"
          busy={isDeleting && deleting.isPending}
          error={isDeleting ? deleting.error : null}
          onConfirm={() => deleting.mutate(toDelete)}
          onClose={() => setToDelete(null)}
        />
      )}
    </div>
  );
}
