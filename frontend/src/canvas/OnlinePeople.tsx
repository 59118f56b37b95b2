import { useStore } from "zustand";

import styles from "@/canvas/OnlinePeople.module.css";
import { peopleOnline } from "@/canvas/presence";
import type { CanvasSession } from "@/canvas/session";
import { Avatar } from "@/ui/Avatar";

const SHOWN = 4;

/** Who is on the canvas now. */
export function OnlinePeople({ session, userId }: { session: CanvasSession; userId: number }) {
  const members = useStore(session.store, (state) => state.membersOnline);
  const people = peopleOnline(members);
  if (people.length === 0) return null;
  return (
    <ul className={styles.people} aria-label="Online">
      {people.slice(0, SHOWN).map((person) => (
        <li key={person.userId}>
          <Avatar
            userId={person.userId}
            name={person.name}
            title={person.userId === userId ? `${person.name} (you)` : person.name}
          />
        </li>
      ))}
      {people.length > SHOWN && <li className={styles.more}>+{people.length - SHOWN}</li>}
    </ul>
  );
}
