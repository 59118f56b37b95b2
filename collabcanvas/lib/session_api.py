"""Signing in and out of the page by session cookie: `/api/session`."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from collabcanvas.lib.authentication import CookieAuthentication
from collabcanvas.lib.sign_in import WrongPassword


class CredentialsSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150, error_messages={"blank": "Write your username."})
    password = serializers.CharField(
        max_length=1000, trim_whitespace=False, error_messages={"blank": "Write your password."}
    )
    code = serializers.CharField(
        max_length=64,
        required=False,
        allow_blank=True,
        help_text="Of the second factor: asked for by a 401 with the code `second_factor_needed`.",
    )


class SignedInPersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()
    is_staff = serializers.BooleanField()


class SessionSerializer(serializers.Serializer[Any]):
    user = SignedInPersonSerializer(allow_null=True)
    version = serializers.CharField()


class SessionView(APIView):
    """GET says who is signed in, POST signs in, DELETE signs out; `extra` adds keys the page wants for that person."""

    permission_classes = [AllowAny]
    extra: Callable[[int | None], Mapping[str, Any]] | None = None

    @extend_schema(responses=SessionSerializer)
    def get(self, request: Request) -> Response:
        get_token(request._request)
        return Response(self._describe(request))

    @extend_schema(request=CredentialsSerializer, responses=SessionSerializer)
    def post(self, request: Request) -> Response:
        # A visitor has no session yet, so the authentication class does not check this by itself.
        CookieAuthentication().enforce_csrf(request)
        credentials = CredentialsSerializer(data=request.data)
        credentials.is_valid(raise_exception=True)
        user = authenticate(request._request, **credentials.validated_data)
        if user is None:
            raise WrongPassword
        login(request._request, user)
        request.user = user
        return Response(self._describe(request))

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=204)

    def _describe(self, request: Request) -> dict[str, Any]:
        user = request.user
        described = (
            {
                "id": user.pk,
                "username": user.get_username(),
                "name": user.get_full_name() or user.get_username(),
                "is_staff": user.is_staff,
            }
            if user.is_authenticated
            else None
        )
        ask_more = self.extra
        more = ask_more(user.pk) if ask_more is not None else {}
        return {"user": described, "version": settings.VERSION, **more}
