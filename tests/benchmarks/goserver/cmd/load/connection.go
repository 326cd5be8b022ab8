package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// patience is how long one answer may take; a server that is stuck must not keep us.
const patience = 10 * time.Second

// connection is a kept TLS connection. The request's bytes are the same every time, so they are made once: the load
// generator must cost less than what it loads.
type connection struct {
	*tls.Conn
	reader  *bufio.Reader
	request []byte
}

// dial opens the connections, handshakes done, so that none is part of what is measured.
func dial(address *url.URL, ca, body []byte, count int) ([]*connection, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, errors.New("-ca: holds no certificate")
	}
	head := fmt.Sprintf("POST %s?timeout=10s HTTP/1.1\r\nHost: %s\r\nUser-Agent: kube-apiserver-admission\r\n"+
		"Content-Length: %d\r\nAccept: application/json, */*\r\nContent-Type: application/json\r\n\r\n",
		address.Path, address.Host, len(body))
	request := append([]byte(head), body...)
	opened := make([]*connection, count)
	for i := range opened {
		// HTTP/1.1, as the API server forces it.
		socket, err := tls.Dial("tcp", address.Host, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13})
		if err != nil {
			return nil, err
		}
		opened[i] = &connection{Conn: socket, reader: bufio.NewReader(socket), request: request}
	}
	return opened, nil
}

// post sends the request and gives the answer's body.
//
// After an error the connection may hold the rest of an answer, and is of no more use.
func (c *connection) post() (code int, body []byte, err error) {
	if err = c.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, nil, err
	}
	if _, err = c.Write(c.request); err != nil {
		return 0, nil, err
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	if body, err = io.ReadAll(response.Body); err != nil {
		return 0, nil, err
	}
	if response.Close {
		return 0, nil, errors.New("the server closes the connection")
	}
	return response.StatusCode, body, nil
}

// expectation is what every answer must say.
type expectation struct {
	uid     string
	Allowed bool
	Patched bool
}

// holds tells what is wrong with an answer, if anything is.
func (e expectation) holds(code int, body []byte) error {
	var review struct {
		Response struct {
			UID     string  `json:"uid"`
			Allowed *bool   `json:"allowed"`
			Patch   *string `json:"patch"`
		} `json:"response"`
	}
	if code != http.StatusOK {
		return fmt.Errorf("HTTP %d: %.500s", code, body)
	}
	if err := json.Unmarshal(body, &review); err != nil {
		return fmt.Errorf("%w: %.500s", err, body)
	}
	response := review.Response
	if response.UID != e.uid || response.Allowed == nil || *response.Allowed != e.Allowed || (response.Patch != nil) != e.Patched {
		return fmt.Errorf("must be of %s, allowed %t, patched %t: %.500s", e.uid, e.Allowed, e.Patched, body)
	}
	return nil
}

// uid is the review's, which its answer must bear.
func uid(body []byte) (string, error) {
	var review struct {
		Request struct {
			UID string `json:"uid"`
		} `json:"request"`
	}
	err := json.Unmarshal(body, &review)
	return review.Request.UID, err
}
