#!/usr/bin/env bash
# uvicorn 0.54.0 with httptools 0.9.0, which is what uvicorn[standard] runs on, and java.net.http.HttpClient (JDK 17).
#
# HttpClient asks with its first plain request on a connection whether HTTP/2 would do (Connection: Upgrade, Upgrade:
# h2c), as RFC 7540 lets it; a server that cannot is to answer in HTTP/1.1 as if nothing was asked. uvicorn answers the
# request, but hands it on to the application without its body: Content-Length says 21 and 0 bytes come. The sender
# gets the application's 202. With h11 in place of httptools the body arrives.
# One would have guessed: the body, whatever parses it; a webhook of a sender in Java is lost otherwise.
# A way out in the sender: HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).
#
# Seen:
#   httptools: POST, Content-Length 21, bytes received 0, answered 202 HTTP_1_1
#   h11: POST, Content-Length 21, bytes received 21, answered 202 HTTP_1_1

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check uvicorn==0.54.0 httptools==0.9.0 h11==0.16.0

cat > "$work/app.py" <<'EOF'
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    received, more = 0, True
    while more:
        message = await receive()
        received += len(message.get("body", b""))
        more = message.get("more_body", False)
    declared = dict(scope["headers"])[b"content-length"].decode()
    print(f"{scope['method']}, Content-Length {declared}, bytes received {received}", flush=True)
    await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})
EOF
cat > "$work/Post.java" <<'EOF'
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

class Post {
    public static void main(String[] arguments) throws Exception {
        var body = HttpRequest.BodyPublishers.ofString("{\"title\":\"disk full\"}");
        var request = HttpRequest.newBuilder(URI.create(arguments[0])).POST(body).build();
        var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        System.out.print("answered " + answer.statusCode() + " " + answer.version());
    }
}
EOF
port=$("$work/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

told() {
    "$work/venv/bin/uvicorn" --app-dir "$work" app:app --host 127.0.0.1 --port "$port" --http "$1" --log-level critical \
        > "$work/$1" 2>&1 &
    for _ in $(seq 100); do (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break || sleep 0.1; done
    answered=$(java "$work/Post.java" "http://127.0.0.1:$port/")
    kill "$!" && wait "$!" || true
    echo "$1: $(cat "$work/$1"), $answered"
}
told httptools
told h11
grep -q "bytes received 0" "$work/httptools" || { echo "not seen any more: the body is handed on" >&2; exit 1; }
grep -q "bytes received 21" "$work/h11" || { echo "not seen any more: h11 hands the body on" >&2; exit 1; }
