// Command load posts one review over and over on connections that are kept, checks every answer, and prints what it
// saw as one line of JSON. It ends after -seconds, or after -requests if that comes first.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"time"
)

func main() {
	var (
		target      = flag.String("url", "", "https://127.0.0.1:PORT/PATH")
		caFile      = flag.String("ca", "", "certificate of the CA to trust, PEM")
		bodyFile    = flag.String("body", "", "file of the review")
		allowed     = flag.Bool("allowed", true, "what each answer must say")
		patched     = flag.Bool("patched", false, "whether each answer must bring a patch")
		connections = flag.Int("connections", 16, "how many, each with one request at a time")
		seconds     = flag.Float64("seconds", 1, "how long at most")
		requests    = flag.Int64("requests", 1_000_000, "how many at most, on all connections")
	)
	flag.Parse()
	err := run(*target, *caFile, *bodyFile, expectation{Allowed: *allowed, Patched: *patched}, limits{
		connections: *connections,
		requests:    *requests,
		duration:    time.Duration(*seconds * float64(time.Second)),
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(target, caFile, bodyFile string, expected expectation, limits limits) error {
	address, err := url.Parse(target)
	if err != nil {
		return err
	}
	if address.Hostname() != "127.0.0.1" {
		return fmt.Errorf("-url: must be on 127.0.0.1, is %q", target)
	}
	ca, err := os.ReadFile(caFile)
	if err != nil {
		return err
	}
	body, err := os.ReadFile(bodyFile)
	if err != nil {
		return err
	}
	if expected.uid, err = uid(body); err != nil {
		return err
	}
	connections, err := dial(address, ca, body, limits.connections)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(load(connections, expected, limits))
}
