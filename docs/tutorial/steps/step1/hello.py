"""Answer whoever connects with the same words."""

import os
import socket

PORT = int(os.environ.get("PORT", "1234"))

listener = socket.create_server(("127.0.0.1", PORT))
print(f"http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)

while True:
    connection, address = listener.accept()  # wait for a caller
    request = connection.recv(1024)  # hear what they want
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nHello, Morra!")  # answer
    connection.close()  # hang up
