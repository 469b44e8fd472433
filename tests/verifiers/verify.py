"""Reads one message a line, and says of each whether the published verifier takes it."""
import json
import sys

from standardwebhooks import Webhook

for line in sys.stdin:
    message = json.loads(line)
    try:
        Webhook(message["secret"]).verify(message["body"], message["headers"])
        print("accepted")
    except Exception as error:
        print(f"refused: {error}")
