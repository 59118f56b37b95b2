"""S3-compatible storage of any maker, by django-storages."""

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage


class ObjectStorage(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """`S3Storage` that gives up in good time and speaks as every S3-compatible server understands."""

    def get_default_settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = super().get_default_settings()
        return {
            **settings,
            "client_config": Config(
                connect_timeout=5,
                read_timeout=30,
                retries={"mode": "standard", "max_attempts": 3},
                # A bucket's name in the host name needs DNS and certificates that only the big ones have.
                s3={"addressing_style": "path"},
                signature_version="s3v4",
                # Checksums in trailers, botocore's newer default, are refused by many servers that are not Amazon's.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        }
