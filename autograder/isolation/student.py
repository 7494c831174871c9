"""The server inside the sandbox: runs cells and calls, in the student's own namespace.

Only the fork server loads this file. Everything here is at the mercy of the student's code, which can do no more
with it than spoil its own answers: no secret and no verdict is in this process.
"""

import os
import sys

import numpy as np


class Callback:
    """A function of the checker's, called back over the pipe."""

    def __init__(self, server, key):
        self._server, self._key = server, key

    def __call__(self, *args, **kwargs):
        return self._server.call_back(self._key, args, kwargs)


class Server:
    """Serves requests until the pipe closes; one request at a time, nested where calls are called back."""

    def __init__(self, read, write, wire, cells):
        self.read, self.write, self.wire, self.cells = read, write, wire, cells
        self.objects, self.next_object, self.generators, self.sent = {}, 0, {}, {}
        self.nonce = None
        self.streams = sys.stdout, sys.stderr

    def _exactly(self, count):
        out = bytearray()
        while len(out) < count:
            chunk = os.read(self.read, min(count - len(out), 2**20))
            if not chunk:
                os._exit(0)
            out += chunk
        return bytes(out)

    def receive(self):
        head, body = self.wire.lengths(self._exactly(self.wire.PREFIX.size), 2**40)
        return self.wire.header(self._exactly(head)), memoryview(self._exactly(body))

    def send(self, header, encoder):
        data = memoryview(self.wire.pack({"n": self.nonce, **header}, encoder.buffers))
        while data:
            data = data[os.write(self.write, data) :]

    # Values that do not cross as they are.

    def encode_other(self, x):
        if type(x) is Callback:
            return ["f", x._key]
        self.next_object += 1
        self.objects[self.next_object] = x
        return ["h", self.next_object, self.cells.label(x)]

    def decode_other(self, item):
        if item[0] == "h":
            return self.objects[item[1]]
        if item[0] == "f":
            return Callback(self, item[1])
        _, key, kind, bits = item
        if key not in self.generators:  # a known one stays the same object
            self.generators[key] = self.cells.generator(kind, bits)
        return self.generators[key]

    def take_generators(self, states):
        """Puts the generators that the checker passes into their states."""
        for key, state in states:
            self.cells.set_state(self.generators[key], state)
            self.sent[key] = state

    def advanced_generators(self):
        for key, generator in self.generators.items():
            state = self.cells.get_state(generator)
            if not self.cells.same(state, self.sent[key]):
                self.sent[key] = state
                yield [key, state]

    # One request.

    def serve(self):
        """Reads one frame and answers it; returns it instead when it answers our own call back."""
        header, body = self.receive()
        outer, self.nonce = self.nonce, header["n"]
        try:
            if "do" not in header:
                return header, body
            self.answer(header, body)
        finally:
            self.nonce = outer

    def answer(self, header, body):
        for key in header["release"]:
            self.objects.pop(key, None)
        for key in header["forget"]:
            self.generators.pop(key, None)
            self.sent.pop(key, None)
        decoder = self.wire.Decoder(body, self.decode_other)
        args, kwargs = decoder.value(header["args"]), decoder.value(header["kwargs"])
        nodes = tuple(decoder.nodes)
        self.take_generators(decoder.value(header["generators"]))
        reply, encoder = {}, self.wire.Encoder(self.encode_other)
        try:
            result = getattr(self, "do_" + header["do"])(header, args, kwargs)
            reply["ok"] = encoder.value(result)
        except BaseException as error:  # SystemExit too: only the student's code ends
            reply, encoder = {"error": self.cells.describe(error)}, self.wire.Encoder(self.encode_other)
        for stream in self.streams:
            self.cells.flush(stream)
        try:
            self.report(reply, encoder, header, body, nodes)
        except Exception as error:  # where the arguments cannot be told, the result is not
            reply, encoder = {"error": self.cells.describe(error), "changed": []}, self.wire.Encoder()
            reply["generators"] = encoder.value([])
        self.send(reply, encoder)

    def report(self, reply, encoder, header, body, nodes):
        """What the call left in its arguments, found by decoding the request once more."""
        before = self.wire.Decoder(body, self.decode_other)
        for part in ("args", "kwargs"):
            before.value(header[part])
        reply["changed"] = [
            [index, encoder.value(now)]
            for index, (now, then) in enumerate(zip(nodes, before.nodes, strict=True))
            if not self.cells.same(now, then)
        ]
        reply["generators"] = encoder.value(list(self.advanced_generators()))

    def call_back(self, key, args, kwargs):
        """Calls a function of the checker's and serves what it in turn asks, until its result comes."""
        encoder = self.wire.Encoder(self.encode_other)
        values = {"args": encoder.value(list(args)), "kwargs": encoder.value(dict(kwargs))}
        self.send({"callback": key, **values}, encoder)
        while (answer := self.serve()) is None:
            pass
        header, body = answer
        if "raised" in header:
            raise self.cells.exception(*header["raised"])
        return self.wire.Decoder(body, self.decode_other).value(header["result"])

    def do_start(self, header, args, kwargs):
        for name, content in args[0].items():
            with open(name, "wb") as file:
                file.write(content)

    def do_run(self, header, args, kwargs):
        self.cells.run(*args)

    def do_name(self, header, args, kwargs):
        if args[0] not in self.cells.namespace:
            raise NameError(f"name '{args[0]}' is not defined")
        return self.cells.namespace[args[0]]

    def do_call(self, header, args, kwargs):
        target = self.objects[header["target"]]
        return (getattr(target, header["of"]) if header["of"] else target)(*args, **kwargs)

    def do_calls(self, header, args, kwargs):
        """Several calls, one after the other: [whether it came to an end, its result or the error] each."""
        return [self.one_of_many(*of, *call) for of, call in zip(header["of"], args, strict=True)]

    def one_of_many(self, target, method, args, kwargs):
        target = self.objects[target]
        try:
            return [True, (getattr(target, method) if method else target)(*args, **kwargs)]
        except BaseException as error:  # as in `answer`
            return [False, self.cells.describe(error)]

    def do_get(self, header, args, kwargs):
        return getattr(self.objects[header["target"]], args[0])

    def do_set(self, header, args, kwargs):
        setattr(self.objects[header["target"]], *args)


def serve(read, write, wire, cells):
    """Answers what comes on the descriptor `read`, until it closes."""
    np.random.seed()  # or every student would draw the same numbers as the one before
    server = Server(read, write, wire, cells)
    while True:
        server.serve()
