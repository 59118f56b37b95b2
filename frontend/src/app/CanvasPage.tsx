import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "react-router";

import { getCanvas } from "@/api/endpoints";
import { ApiError } from "@/api/http";
import { keys } from "@/api/keys";
import { NotFoundPage } from "@/app/NotFoundPage";
import { OpenCanvas } from "@/app/OpenCanvas";
import { useSignedIn } from "@/app/SessionGate";
import { Button } from "@/ui/Button";
import { Loading } from "@/ui/Loading";
import { MessagePage } from "@/ui/MessagePage";

/** One canvas at its address: open, or the reason why not. */
export function CanvasPage() {
  const { canvasId = "" } = useParams();
  const { session, user } = useSignedIn();
  const client = useQueryClient();
  const canvas = useQuery({
    queryKey: keys.canvas(canvasId),
    queryFn: () => getCanvas(canvasId),
  });

  if (canvas.error instanceof ApiError && canvas.error.status === 404) return <NotFoundPage what="canvas" />;
  if (!canvas.data) {
    if (!canvas.error) return <Loading what="the canvas" />;
    return (
      <MessagePage title="The canvas cannot be opened right now" text={canvas.error.message}>
        <Button look="primary" onClick={() => void canvas.refetch()}>
          Try again
        </Button>
      </MessagePage>
    );
  }
  return (
    <OpenCanvas
      key={canvasId}
      canvas={canvas.data}
      session={session}
      user={user}
      onSignedOut={() => void client.invalidateQueries({ queryKey: keys.session })}
    />
  );
}
