#!/usr/bin/env python3
"""Two MQTT clients in one program: one listens to the lamp's topic, the other switches the lamp on and off.

Needs paho-mqtt, 1.x or 2.x:  apt install python3-paho-mqtt  or  pip install paho-mqtt

    python3 examples/two_clients.py --host 127.0.0.1 --port 1883

Ends with 0 when both messages have come back, with 1 when that takes longer than --timeout.
"""

import argparse
import os
import queue
import sys
import time

try:
    import paho.mqtt.client as mqtt
except ImportError:
    sys.exit("two_clients.py: paho-mqtt is missing; try: apt install python3-paho-mqtt")

COMMANDS = ["on", "off"]

# paho calls back from threads of its own; what happened is handed to the main one.
happened = queue.Queue()


def new_client(name):
    """A client of either API. Two clients with one identifier would throw each other out of the broker."""
    client_id = f"{name}-{os.getpid()}"
    if hasattr(mqtt, "CallbackAPIVersion"):  # paho-mqtt 2
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id)
    else:
        client = mqtt.Client(client_id=client_id)
    client.user_data_set(name)
    client.on_connect = on_connect
    client.on_subscribe = on_subscribe
    client.on_publish = on_publish
    client.on_message = on_message
    return client


# paho-mqtt 2 adds the last parameters, and gives objects with a `value` where 1.x gives numbers.


def on_connect(client, name, flags, reason, properties=None):
    print(f"{name}: connected, {reason}")
    happened.put(("connected", name, getattr(reason, "value", reason)))


def on_subscribe(client, name, packet_id, granted, properties=None):
    qos = getattr(granted[0], "value", granted[0])
    print(f"{name}: subscribed, QoS {qos}")
    happened.put(("subscribed", name, qos))


def on_publish(client, name, packet_id, reason=None, properties=None):
    print(f"{name}: published, packet {packet_id}")
    happened.put(("published", name, packet_id))


def on_message(client, name, message):
    payload = message.payload.decode("utf-8", "replace")
    print(f"{name}: {message.topic} {payload}, QoS {message.qos}{', retained' if message.retain else ''}")
    if not message.retain:
        happened.put(("message", name, payload))


def wait_for(wanted, deadline):
    """Returns once each of the wanted events, (kind, name, value), has come; None stands for any value."""
    while wanted:
        try:
            kind, name, value = happened.get(timeout=max(0, deadline - time.monotonic()))
        except queue.Empty:
            missing = ", ".join(f"{name} {kind} {value or ''}".strip() for kind, name, value in wanted)
            sys.exit(f"two_clients.py: waited in vain for: {missing}")
        if kind == "connected" and value != 0:
            sys.exit(f"two_clients.py: the broker refuses the {name}, code {value}")
        if kind == "subscribed" and value >= 128:
            sys.exit("two_clients.py: the broker refuses the subscription")
        wanted = [one for one in wanted if one not in ((kind, name, value), (kind, name, None))]


def main():
    parser = argparse.ArgumentParser(description="Switches a lamp on and off over MQTT, and listens to that.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--topic", default="home/office/lamp")
    parser.add_argument("--timeout", type=float, default=10, help="seconds for all of it")
    options = parser.parse_args()

    deadline = time.monotonic() + options.timeout
    listener = new_client("listener")
    switcher = new_client("switcher")
    for client in (listener, switcher):
        try:
            client.connect(options.host, options.port)
        except OSError as error:
            sys.exit(f"two_clients.py: no broker at {options.host}:{options.port} ({error})")
        client.loop_start()
    wait_for([("connected", "listener", 0), ("connected", "switcher", 0)], deadline)

    listener.subscribe(options.topic, qos=1)
    wait_for([("subscribed", "listener", None)], deadline)

    for command in COMMANDS:
        packet_id = switcher.publish(options.topic, command, qos=1).mid
        wait_for([("message", "listener", command), ("published", "switcher", packet_id)], deadline)
    print("both messages have arrived")

    for client in (listener, switcher):
        client.disconnect()
        client.loop_stop()


if __name__ == "__main__":
    main()
