import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { keys } from "@/api/keys";
import { receiveJobMessage } from "@/jobs/jobCache";
import { Connection } from "@/realtime/connection";

/** Keeps one's own jobs fresh by socket; tells whether that works at present. */
export function useOwnJobsSocket(): boolean {
  const client = useQueryClient();
  const [isLive, setLive] = useState(false);
  useEffect(() => {
    const refetch = () => void client.invalidateQueries({ queryKey: keys.ownJobs });
    const connection = new Connection({
      path: "/ws/jobs",
      onStatus: (status) => {
        setLive(status.kind === "online");
        if (status.kind === "closed" && status.reason === "not_signed_in") {
          void client.invalidateQueries({ queryKey: keys.session });
        }
      },
      onMalformed: refetch,
      onMessage: (message) => {
        switch (message.type) {
          case "jobs.snapshot":
          case "ai_job_update":
          case "ai_job_complete":
          case "ai_job_error":
          case "ai_job_deleted":
            receiveJobMessage(client, "own", message);
            break;
          case "resync":
            refetch();
            break;
          default:
            break;
        }
      },
    });
    connection.start();
    return () => connection.stop();
  }, [client]);
  return isLive;
}
