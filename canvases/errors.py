"""What can go wrong with a canvas, in words for a person."""

from canvases.roles import Role
from collabcanvas.lib.errors import Conflict, Forbidden, InvalidInput, NotFound, Unavailable


class CanvasNotFound(NotFound):
    """Unknown, malformed and not shared look the same, so that nobody can find out which ids exist."""

    code = "canvas_not_found"
    message = "There is no such canvas, or it is not shared with you. Ask its owner for an invitation."


class RoleTooLow(Forbidden):
    """Shared with this person, who asked for more than the role allows."""

    def __init__(self, needed: Role) -> None:
        if needed == Role.OWNER:
            super().__init__("Only the owner of this canvas may do that. Ask its owner.")
        else:
            super().__init__(
                "You may look at this canvas but not change it. Ask its owner for the right to edit."
            )


class MemberNotFound(NotFound):
    code = "member_not_found"
    message = "That person is not a member of this canvas. Reload the list of members."


class OwnerStays(Conflict):
    code = "owner_stays"
    message = "The owner of a canvas cannot be removed or changed. Delete the canvas if nobody needs it."


class AlreadyMember(Conflict):
    code = "already_member"
    message = "That person is already a member of this canvas. Change the role in the list of members."


class InvitationNotFound(NotFound):
    code = "invitation_not_found"
    message = "This invitation does not exist. Check the link, or ask for a new one."


class InvitationForSomeoneElse(Forbidden):
    code = "invitation_for_someone_else"
    message = "This invitation was sent to another e-mail address. Sign in with the account of that address."


class InvitationUsed(Conflict):
    code = "invitation_used"
    message = "This invitation has been used already. Ask for a new one if you need it."


class InvitationRevoked(Conflict):
    code = "invitation_revoked"
    message = "This invitation was withdrawn. Ask the person who invited you for a new one."


class InvitationExpired(Conflict):
    code = "invitation_expired"
    message = "This invitation has expired. Ask the person who invited you for a new one."


class TooManyInvitations(Conflict):
    code = "too_many_invitations"
    message = "This canvas has 100 open invitations. Withdraw some before you invite more people."


class MalformedEdits(InvalidInput):
    code = "malformed_operations"
    message = "Send 1 to 500 edits as a list of objects."


class UnknownExportFormat(InvalidInput):
    code = "unknown_format"
    message = "That format is not available. Use format=excalidraw."


class CannotDraw(InvalidInput):
    code = "cannot_draw"
    message = "This canvas cannot be made into a picture. Export it with format=excalidraw."


class BrokenCanvasFile(InvalidInput):
    code = "broken_canvas_file"
    message = "This is not a canvas file, or it is damaged."


class UnknownFileVersion(InvalidInput):
    code = "unknown_file_version"


class OwnerHasNoAccount(Conflict):
    code = "owner_has_no_account"

    def __init__(self, username: str, email: str, *, name_is_taken: bool) -> None:
        if not email:
            super().__init__(
                f"The file holds no e-mail address of the owner {username!r}, and nobody is known by name alone. "
                "Name an owner with --owner."
            )
        elif name_is_taken:
            super().__init__(
                f"The account {username!r} here has another e-mail address than the owner in the file, {email}. "
                "Give it that address if it is the same person, or name an owner with --owner."
            )
        else:
            super().__init__(
                f"The owner {username!r} has no account here. "
                "Name another owner with --owner, or let the missing accounts be made with --create-people."
            )


class RestoreRefused(Conflict):
    code = "restore_refused"


class SnapshotNotFound(NotFound):
    code = "snapshot_not_found"
    message = "There is no such snapshot. See them with: python manage.py canvases snapshots"


class BackupNotFound(NotFound):
    code = "backup_not_found"


class NoBackupStorage(Unavailable):
    code = "no_backup_storage"
    message = "Nobody has said where backups are. Set BACKUP_URL, or name a folder with --to or --from."


class BackupStorageFailed(Unavailable):
    code = "backup_storage_failed"


class BackupUnderWay(Unavailable):
    code = "backup_under_way"
    message = "Another backup or restore is running. Wait until it is over, then try again."
