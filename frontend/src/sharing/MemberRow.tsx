import type { Member, Role } from "@/api/models";
import { GRANTABLE_ROLES, ROLE_LABELS } from "@/sharing/roleLabels";
import styles from "@/sharing/ShareDialog.module.css";
import { Avatar } from "@/ui/Avatar";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";

interface MemberRowProps {
  member: Member;
  isMe: boolean;
  mayManage: boolean;
  isBusy: boolean;
  onRole: (role: Role) => void;
  onRemove: () => void;
}

export function MemberRow({ member, isMe, mayManage, isBusy, onRole, onRemove }: MemberRowProps) {
  const name = member.name || member.username;
  return (
    <li className={styles.person}>
      <Avatar userId={member.user_id} name={name} />
      <span className={styles.name}>
        {name}
        {isMe && " (you)"}
        {member.name && member.name !== member.username && (
          <span className={styles.sub}>{member.username}</span>
        )}
      </span>
      {mayManage && member.role !== "owner" ? (
        <>
          <select
            aria-label={`Role of ${name}`}
            value={member.role}
            disabled={isBusy}
            onChange={(event) => {
              const role = GRANTABLE_ROLES.find((known) => known === event.target.value);
              if (role) onRole(role);
            }}
          >
            {GRANTABLE_ROLES.map((role) => (
              <option key={role} value={role}>
                {ROLE_LABELS[role]}
              </option>
            ))}
          </select>
          <Button look="quiet" icon disabled={isBusy} aria-label={`Remove ${name}`} onClick={onRemove}>
            <Icon name="close" size={16} />
          </Button>
        </>
      ) : (
        <span className={styles.sub}>{ROLE_LABELS[member.role]}</span>
      )}
    </li>
  );
}
