//! Publishing and consuming: one contract, RabbitMQ and embedded.
