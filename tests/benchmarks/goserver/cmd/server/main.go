// Command server is the webhook that ours is measured against: controller-runtime's server, decoder and response,
// a validator that checks a RayJob's name, and a defaulter that fills what ours fills.
package main

import (
	"flag"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"rayjob-webhook.test/benchmarks/rayjob"
)

func main() {
	port := flag.Int("port", 0, "port on 127.0.0.1")
	certDir := flag.String("cert-dir", "", "folder of tls.crt and tls.key")
	flag.Parse()
	ctrl.SetLogger(zap.New())

	scheme := runtime.NewScheme()
	rayjob.AddToScheme(scheme)
	server := webhook.NewServer(webhook.Options{Host: "127.0.0.1", Port: *port, CertDir: *certDir})
	server.Register("/validate", admission.WithValidator(scheme, validator{}))
	server.Register("/mutate", admission.WithDefaulter(scheme, defaulter{}))
	if err := server.Start(ctrl.SetupSignalHandler()); err != nil {
		ctrl.Log.Error(err, "the server ended")
		os.Exit(1)
	}
}
